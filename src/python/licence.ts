/** What a distribution says of its licence: an SPDX expression (PEP 639), or what older metadata has in its place. */
import { metadataField, type CoreMetadata } from './metadata.ts'

/** Longer ones are texts of licences, which nobody lists. */
const LONGEST = 200

/** The SPDX identifiers of the classifiers that most releases have. */
const classified: Readonly<Record<string, string>> = {
  'MIT License': 'MIT',
  'MIT No Attribution License (MIT-0)': 'MIT-0',
  'Apache Software License': 'Apache-2.0',
  'BSD License': 'BSD-3-Clause',
  'ISC License (ISCL)': 'ISC',
  'Python Software Foundation License': 'PSF-2.0',
  'Mozilla Public License 2.0 (MPL 2.0)': 'MPL-2.0',
  'GNU General Public License v2 (GPLv2)': 'GPL-2.0-only',
  'GNU General Public License v2 or later (GPLv2+)': 'GPL-2.0-or-later',
  'GNU General Public License v3 (GPLv3)': 'GPL-3.0-only',
  'GNU General Public License v3 or later (GPLv3+)': 'GPL-3.0-or-later',
  'GNU Lesser General Public License v3 (LGPLv3)': 'LGPL-3.0-only',
  'GNU Lesser General Public License v3 or later (LGPLv3+)': 'LGPL-3.0-or-later',
  'GNU Affero General Public License v3': 'AGPL-3.0-only',
  'GNU Affero General Public License v3 or later (AGPLv3+)': 'AGPL-3.0-or-later',
  'The Unlicense (Unlicense)': 'Unlicense',
}

/** License-Expression, else the classifiers (all of which count), else a short License; empty where it says nothing. */
export function readLicence(metadata: CoreMetadata): string {
  const expression = metadataField(metadata, 'license_expression')
  if (expression !== undefined) return cut(expression)
  const names = (metadata.fields.get('classifier') ?? []).flatMap((text) => {
    const parts = text.split('::').map((part) => part.trim())
    const name = parts[0] === 'License' ? (parts.at(-1) ?? '') : ''
    return name === '' || name === 'OSI Approved' ? [] : [classified[name] ?? name]
  })
  if (names.length > 0) return cut([...new Set(names)].join(' AND '))
  return cut(metadataField(metadata, 'license') ?? '')
}

const cut = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, ' ')
  return line.length > LONGEST || line === 'UNKNOWN' ? '' : line
}

/**
 * Whether an expression can be met with licences that `isGood` takes: of `OR` one side, of `AND` both; what stands behind
 * `WITH` is an exception that gives more rights. A text that is no expression counts as the name of one licence.
 */
export function canBeMet(expression: string, isGood: (licence: string) => boolean): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? []
  let at = 0
  let isBroken = false
  const result = readOr()
  return isBroken || at < tokens.length ? isGood(expression) : result

  function readOr(): boolean {
    let met = readAnd()
    while (takes('OR')) met = readAnd() || met
    return met
  }

  function readAnd(): boolean {
    let met = readOne()
    while (takes('AND')) met = readOne() && met
    return met
  }

  function readOne(): boolean {
    if (takes('(')) {
      const met = readOr()
      if (!takes(')')) isBroken = true
      return met
    }
    const licence = tokens[at++]
    if (licence === undefined || /^(?:AND|OR|WITH|\))$/i.test(licence)) isBroken = true
    if (takes('WITH')) at++
    return isGood(licence ?? '')
  }

  function takes(word: string): boolean {
    if (tokens[at]?.toUpperCase() !== word) return false
    at++
    return true
  }
}
