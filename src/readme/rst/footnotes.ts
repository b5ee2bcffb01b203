/** Numbers and symbols for the footnotes that have none yet, and for the references to them. */
import { makeElement, makeText, type Element } from './nodes.ts'
import { RstProblem } from './problem.ts'
import type { Registry } from './registry.ts'

const symbols = ['*', '†', '‡', '§', '¶', '#', '♠', '♥', '♦', '♣'] as const

export function numberFootnotes(registry: Registry): void {
  const unlabelled = labelFootnotes(registry)
  const references = registry.autoReferences.filter(({ refname }) => refname === undefined)
  pair(references, unlabelled)
  for (const [i, footnote] of registry.symbolFootnotes.entries()) {
    const symbol = symbols[i % symbols.length] ?? '*'
    addLabel(footnote, symbol.repeat(Math.floor(i / symbols.length) + 1))
  }
  pair(registry.symbolReferences, registry.symbolFootnotes)
  nameReferences(registry)
}

/** Gives each its number, and returns those that have no name of their own. */
function labelFootnotes(registry: Registry): Element[] {
  let number = 1
  return registry.autoFootnotes.filter((footnote) => {
    while (registry.hasName(String(number))) number++
    const label = String(number++)
    addLabel(footnote, label)
    if (footnote.names) return false
    footnote.names = [label]
    registry.addTarget(footnote, true)
    return true
  })
}

function addLabel(footnote: Element, label: string): void {
  footnote.children.unshift(makeElement('label', [makeText(label)]))
}

function labelOf(footnote: Element): string {
  const [label] = footnote.children
  const text = label?.kind === 'label' ? label.children[0] : undefined
  return text?.kind === 'text' ? text.text : ''
}

/** The first reference is to the first footnote, and so on. */
function pair(references: readonly Element[], footnotes: readonly Element[]): void {
  for (const [i, reference] of references.entries()) {
    const footnote = footnotes[i]
    if (!footnote) {
      throw new RstProblem('There are more references than footnotes.', reference.line)
    }
    reference.children.push(makeText(labelOf(footnote)))
    reference.refid = footnote.ids?.[0] ?? ''
    footnote.backrefs = [...(footnote.backrefs ?? []), reference.ids?.[0] ?? '']
  }
}

/** References by name show the number of what they lead to. */
function nameReferences(registry: Registry): void {
  for (const reference of registry.autoReferences) {
    if (reference.refname === undefined) continue
    const footnote = registry.findName(reference.refname)
    if (footnote?.kind === 'footnote') reference.children.push(makeText(labelOf(footnote)))
  }
}
