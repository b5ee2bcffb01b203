/** Which SPDX identifiers may be meant by a text that is none. */
import { findNearest } from '#base/nearest'
import { CURRENT_LICENCES, DEPRECATED_LICENCES } from '#python/licence-ids'

/** Of these somebody thinks first who writes BSD or GPL. */
const common = [
  'Apache-2.0 BSD-2-Clause BSD-3-Clause',
  'GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later',
  'LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later',
].flatMap((some) => some.split(' '))

const MOST = 4

const all = [...CURRENT_LICENCES, ...DEPRECATED_LICENCES]

/** What may be meant by a text that is no identifier: the likeliest first, at most four. */
export function suggestLicences(text: string): readonly string[] {
  const name = shortened(text)
  const begun = [...common, ...CURRENT_LICENCES].filter((id) => isBegunBy(id.toLowerCase(), name))
  if (begun.length > 0) return [...new Set(begun)].slice(0, MOST)
  const nearest = findNearest(
    name,
    all.map((id) => id.toLowerCase()),
  )
  return all.filter((id) => id.toLowerCase() === nearest)
}

const isBegunBy = (id: string, name: string): boolean =>
  name !== '' && id.startsWith(name) && !/^[a-z0-9]/.test(id.slice(name.length))

/** "Apache License, Version 2.0" as `apache-2.0`, `GPLv3` as `gpl-3`. */
const shortened = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/\b(?:the|licen[cs]e|version)\b/g, ' ')
    .replaceAll(/v(?=\d)/g, ' ')
    .split(/[^a-z0-9.]+/)
    .filter((word) => word !== '')
    .join('-')
