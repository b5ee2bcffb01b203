/** Yanking a release or one of its files, and taking that back. */
import { refuse } from '#base/refusal'
import type { Call } from '#http/route'
import type { Ledger } from '#ledger/ledger'
import { assertMayYank } from '#registry/access'
import { keys } from '#registry/keys'
import { readYankReason } from '#registry/yanks'
import type { WebActions } from '../actions.ts'
import {
  eachFile,
  FormReleases,
  nameOf,
  placeOf,
  RELEASE,
  releaseAddress,
} from '../forms/form-releases.ts'
import type { FormPage } from '../forms/form-routes.ts'
import { group } from '../forms/form-view.ts'

interface Needs {
  readonly ledger: Ledger
  readonly actions: WebActions
}

export function yankForm({ ledger, actions }: Needs): FormPage {
  const releases = new FormReleases(ledger)
  return {
    crumbs: releases.crumbs,
    path: `${RELEASE}/+yank`,
    purpose: 'yank',
    async assertMay(call) {
      const index = await releases.getIndex(call)
      assertMayYank(index, call.who)
      if (index.entry.type === 'mirror') throw refuse('yank-on-mirror', { index: index.name })
      const { project, version } = placeOf(call)
      if ((await releases.listFiles(call)).length > 0) return
      throw refuse('release-not-on-index', { version, project, index: index.name })
    },
    async form(call, typed) {
      const yanked = await yankOf(call)
      const isUndone = yanked !== undefined && typed === undefined
      const name = nameOf(call)
      return {
        title: yanked === undefined ? `Yank ${name}` : `${name} is yanked`,
        intro: [
          'Installers pass over what is yanked, unless somebody asks for exactly this version. Its files stay.',
        ],
        groups: [
          group(
            {
              name: 'reason',
              label: 'Reason',
              input: { kind: 'text' },
              value: typed?.get('reason') ?? (typeof yanked === 'string' ? yanked : ''),
              doc: 'Shown to those who install it all the same. May be left empty.',
            },
            ...(yanked === undefined
              ? []
              : [
                  {
                    name: 'undo',
                    label: 'Take the yank back',
                    input: { kind: 'check' },
                    value: isUndone ? 'yes' : (typed?.get('undo') ?? ''),
                  } as const,
                ]),
          ),
        ],
        submit: yanked === undefined ? `Yank ${name}` : 'Save',
        back: releaseAddress(call),
        links: eachFile(call, { form: '+yank', verb: 'Yank' }, await releases.listFiles(call)),
      }
    },
    async send(call, typed) {
      const filename = call.query.get('file') ?? undefined
      const isUndone = typed.get('undo') === 'yes'
      const yanked = isUndone ? undefined : readYankReason(typed.get('reason') ?? '')
      await actions.yank({ ...placeOf(call), filename, yanked, who: call.who })
      return releaseAddress(call)
    },
  }

  async function yankOf(call: Call): Promise<true | string | undefined> {
    const { index, project } = placeOf(call)
    const [first] = await releases.listFiles(call)
    if (first === undefined) return undefined
    return (await ledger.read((tx) => tx.get(keys.file(index, project, first))))?.yanked
  }
}
