/** Interpreted text: what the roles make of it. */
import { makeId, restoreEscapes, unescape } from './characters.ts'
import { makeElement, makeText, type Element, type Kind } from './nodes.ts'
import { RstProblem } from './problem.ts'
import type { CustomRole, Registry } from './registry.ts'

const wrapping: Readonly<Record<string, Kind>> = {
  emphasis: 'emphasis',
  strong: 'strong',
  literal: 'literal',
  subscript: 'subscript',
  superscript: 'superscript',
  'title-reference': 'title-reference',
  abbreviation: 'abbreviation',
  acronym: 'abbreviation',
}

const aliases: Readonly<Record<string, string>> = {
  ab: 'abbreviation',
  ac: 'acronym',
  pep: 'pep-reference',
  rfc: 'rfc-reference',
  sub: 'subscript',
  sup: 'superscript',
  title: 'title-reference',
  t: 'title-reference',
}

/** The role that `default-role` has set stands under this name. */
export const DEFAULT_ROLE = ''

/** What roles without a base do: the text in a `span` or what the class asks for. */
export const PLAIN_ROLE = 'inline'

/** The role by a name that a document uses; undefined where docutils knows none such. */
export function findRole(registry: Registry, name: string): CustomRole | undefined {
  const folded = name.toLowerCase()
  const custom = registry.roles.get(folded)
  if (custom) return custom
  const base = Object.hasOwn(aliases, folded) ? (aliases[folded] ?? folded) : folded
  const known = Object.hasOwn(wrapping, base) || ['code', 'math', 'raw'].includes(base)
  if (!known && base !== 'pep-reference' && base !== 'rfc-reference') return undefined
  return { base, classes: [] }
}

export function makeInterpreted(
  registry: Registry,
  content: string,
  { role, line }: { role: string | undefined; line: number },
): Element {
  if (role === undefined && !registry.roles.has(DEFAULT_ROLE)) {
    return makeElement('title-reference', [makeText(content)])
  }
  const found = findRole(registry, role ?? DEFAULT_ROLE)
  if (!found) throw new RstProblem(`The role "${role}" is not known.`, line)
  return applyRole(found, content, line)
}

function applyRole(
  { base, classes, language }: CustomRole,
  content: string,
  line: number,
): Element {
  switch (base) {
    case 'pep-reference':
      return numbered(content, { label: 'PEP', line, ...pep })
    case 'rfc-reference':
      return numbered(content, { label: 'RFC', line, ...rfc })
    case 'raw':
      throw new RstProblem('Raw content is not shown.', line)
    case 'math':
      return makeElement('math', [makeText(restoreEscapes(content))])
    case 'code': {
      const all = ['code', ...classes, ...(language === undefined ? [] : [makeId(language)])]
      return makeElement('literal', [makeText(restoreEscapes(content))], { classes: all })
    }
    default:
      return makeElement(wrapping[base] ?? 'inline', [makeText(content)], { classes: [...classes] })
  }
}

interface Series {
  readonly smallest: number
  readonly largest: number
  readonly address: (number: number) => string
}

const pep: Series = {
  smallest: 0,
  largest: 9999,
  address: (number) => `https://peps.python.org/pep-${String(number).padStart(4, '0')}`,
}

const rfc: Series = {
  smallest: 1,
  largest: 999_999,
  address: (number) => `https://tools.ietf.org/html/rfc${number}.html`,
}

function numbered(
  content: string,
  { label, line, smallest, largest, address }: Series & { label: string; line: number },
): Element {
  const [digits = '', section] = unescape(content).split(/#(.*)/s, 2)
  const number = /^\s*\d{1,6}\s*$/.test(digits) ? Number(digits) : -1
  if (number < smallest || number > largest || (section !== undefined && label === 'PEP')) {
    throw new RstProblem(`"${unescape(content)}" is no number of a ${label}.`, line)
  }
  const uri = address(number) + (section === undefined ? '' : `#${section}`)
  const text = label === 'PEP' ? content : String(number)
  return makeElement('reference', [makeText(`${label} ${text}`)], { uri })
}
