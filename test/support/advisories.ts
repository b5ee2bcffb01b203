/** Advisories in the OSV format, and zips of them as feeds offer them. */
import { makeZip } from './zip.ts'

export interface OsvAdvisory {
  readonly id: string
  readonly [field: string]: unknown
}

export const advisory = (id: string, name: string, affected: object, more = {}): OsvAdvisory => ({
  id,
  affected: [{ package: { ecosystem: 'PyPI', name }, ...affected }],
  ...more,
})

/** `advisory` about versions before `fixed`. */
export const fixedIn = (id: string, name: string, fixed: string, more = {}): OsvAdvisory => {
  const events = [{ introduced: '0' }, { fixed }]
  return advisory(id, name, { ranges: [{ type: 'ECOSYSTEM', events }] }, more)
}

export const osvZip = (...advisories: readonly OsvAdvisory[]): Buffer =>
  makeZip(advisories.map((one) => ({ name: `${one.id}.json`, content: JSON.stringify(one) })))
