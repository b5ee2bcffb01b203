/** Project names: the grammar of PEP 508 and the normal form of PEP 503, which is a project's identity. */

/** A project name in normal form: the key of a project everywhere. */
export type ProjectName = string & { readonly __brand?: 'ProjectName' }

// Only the flag `i`: with `u` it would take U+017F and U+212A for letters.
const grammar = /^(?:[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])$/i
const normalGrammar = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** The standards set no limit; this one keeps paths and keys in bounds. */
const longestName = 200

export function isValidName(text: string): boolean {
  return text.length <= longestName && grammar.test(text)
}

/** Whether a text is a valid name and already in normal form. Extras since metadata 2.3 must be. */
export function isNormalName(text: string): boolean {
  return text.length <= longestName && normalGrammar.test(text)
}

/** PEP 503. It checks nothing, and hides what makes a name invalid: check first, or use `parseName`. */
export function normalizeName(text: string): ProjectName {
  return normalGrammar.test(text) ? text : text.replace(/[-_.]+/g, '-').toLowerCase()
}

export function parseName(text: string): ProjectName | undefined {
  return isValidName(text) ? normalizeName(text) : undefined
}

/** A normal name as file names of wheels and sdists spell it. */
export function fileForm(name: ProjectName): string {
  return name.replaceAll('-', '_')
}

/** devpi's rule, which takes any text: every run of other characters than A-Z, a-z, 0-9 is one dash. */
export function normalizeLoosely(text: string): string {
  return text.replace(/[^A-Za-z0-9]+/g, '-').toLowerCase()
}
