/** The policies that come in the box, in the order in which an index asks them: `newest` counts what the others leave. */
import { linkFilterOf, type LinkFilter } from '#plugins/link-filter'
import { Advisories, type AdvisoriesSettings } from './advisories.ts'
import { allowDeny } from './allow-deny.ts'
import { constraints } from './constraints.ts'
import { cooldown } from './cooldown.ts'
import { fileKinds } from './file-kinds.ts'
import { knownBad } from './known-bad.ts'
import { licences } from './licences.ts'
import { newest } from './newest.ts'

export interface BoxSettings {
  readonly advisories: AdvisoriesSettings
}

export function policiesInTheBox(settings: BoxSettings): readonly LinkFilter[] {
  const advisories = new Advisories(settings.advisories)
  return [
    ...linkFilterOf(knownBad(advisories)),
    ...linkFilterOf(allowDeny),
    ...linkFilterOf(fileKinds),
    ...linkFilterOf(licences),
    ...linkFilterOf(constraints),
    ...linkFilterOf(cooldown(advisories)),
    ...linkFilterOf(newest),
  ]
}
