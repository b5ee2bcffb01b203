/** One licence as somebody names it: by its SPDX identifier. */
import { CURRENT_LICENCES, DEPRECATED_LICENCES } from './licence-ids.ts'

const known: ReadonlySet<string> = new Set(
  [...CURRENT_LICENCES, ...DEPRECATED_LICENCES].map((id) => id.toLowerCase()),
)

/** An identifier in any case, one of an own licence (`LicenseRef-…`), or "this version or later" of one (`Apache-1.1+`). */
export function isLicenceId(text: string): boolean {
  const name = text.toLowerCase()
  return (
    /^licenseref-[a-z0-9.-]+$/.test(name) || known.has(name) || known.has(name.replace(/\+$/, ''))
  )
}

/** Two names of one licence have the same: SPDX gave those of GNU other names without giving them another meaning. */
export function licenceKey(text: string): string {
  const name = text.toLowerCase()
  const [, id, orLater] = /^((?:gpl|agpl|lgpl|gfdl)-\d\.\d)(\+?)$/.exec(name) ?? []
  return id === undefined ? name : `${id}-${orLater === '+' ? 'or-later' : 'only'}`
}
