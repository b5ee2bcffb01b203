/** References of several words, with an address or another name embedded or not: `Python <https://…>`_. */
import {
  collapse,
  isWhitespace,
  joinAddress,
  normalizeName,
  restoreEscapes,
  unescape,
} from './characters.ts'
import { makeElement, makeText, type Element, type Node } from './nodes.ts'
import { inlineCost } from './problem.ts'
import type { Registry } from './registry.ts'
import { linkAddresses } from './standalone.ts'

export function makePhraseReference(
  registry: Registry,
  content: string,
  { anonymous, line }: { anonymous: boolean; line: number },
): Node[] {
  const embedded = findEmbedded(content)
  if (!embedded) {
    const node = makeElement('reference', [makeText(content)], { line })
    if (anonymous) node.anonymous = true
    else node.refname = normalizeName(unescape(content))
    return [node]
  }
  registry.budget.spend(inlineCost)
  const lead = readLead(embedded.inner)
  const address = 'uri' in lead ? lead.uri : lead.refname
  const text = embedded.text === '' ? address : embedded.text
  const node = makeElement('reference', [makeText(text)], { ...lead, line })
  if (anonymous) return [node]
  const names = [normalizeName(unescape(text))]
  const target: Element = makeElement('target', [], { ...lead, names, line })
  registry.addTarget(target, false)
  return [node, target]
}

/** Splits `text <inner>`, where the brackets are not escaped and stand at the end. */
function findEmbedded(content: string): { text: string; inner: string } | undefined {
  if (!content.endsWith('>') || content.at(-2) === '\0' || isWhitespace(content.at(-2))) {
    return undefined
  }
  const end = content.length - 1
  let open = end - 1
  while (open >= 0 && !(/[<>]/.test(content[open] ?? '') && content[open - 1] !== '\0')) open--
  if (content[open] !== '<' || open === end - 1 || isWhitespace(content[open + 1])) return undefined
  let textEnd = open
  while (/[ \n]/.test(content[textEnd - 1] ?? '')) textEnd--
  if (textEnd === open && open > 0) return undefined
  return { text: content.slice(0, textEnd), inner: content.slice(open + 1, end) }
}

function readLead(inner: string): { uri: string } | { refname: string } {
  const written = restoreEscapes(inner)
  if (inner.endsWith('_') && !written.endsWith('\\_') && !beginsWithAddress(inner)) {
    return { refname: normalizeName(collapse(unescape(inner.slice(0, -1)))) }
  }
  return { uri: addMailScheme(joinAddress(inner)) }
}

function beginsWithAddress(text: string): boolean {
  const [first] = linkAddresses(text)
  return first?.kind === 'reference' || /^[a-zA-Z][a-zA-Z0-9.+-]*:[^\s<>]/.test(text)
}

/** Addresses of mail need no scheme where an address is expected. */
export function addMailScheme(uri: string): string {
  const [only, ...rest] = linkAddresses(uri)
  const isMail = only?.kind === 'reference' && rest.length === 0 && only.uri === `mailto:${uri}`
  return isMail ? `mailto:${uri}` : uri
}
