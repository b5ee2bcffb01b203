/** Words of a text, as documents are indexed and queries are read: letters, digits and `_`, with dots inside. */
import type { ProjectName } from '#python/name'

/** Longer ones are cut: nobody types them, and data that is printed on a page is no word. */
export const LONGEST_WORD = 64

const WORD = /[\p{L}\p{N}\p{M}_]+(?:\.[\p{L}\p{N}\p{M}_]+)*/gu

/** In lower case, in their order. */
export function listWords(text: string): string[] {
  return Array.from(text.toLowerCase().matchAll(WORD), ([word]) => cut(word))
}

/** Each word once, at most so many. */
export function uniqueWords(text: string, most: number): Set<string> {
  const words = new Set<string>()
  for (const [word] of text.toLowerCase().matchAll(WORD)) {
    if (words.size >= most) break
    words.add(cut(word))
  }
  return words
}

/** The parts of a project's name: between dashes, and where small letters become large ones. */
export function nameWords(project: ProjectName, spelling: string = project): string[] {
  const parts = project.split('-')
  const inner = spelling
    .split(/[-_.]+/)
    .flatMap((part) => part.split(/(?<=[a-z0-9])(?=[A-Z])/))
    .map((part) => part.toLowerCase())
    .filter((part) => part.length > 1 && !parts.includes(part))
  return [...parts, ...new Set(inner)]
}

const cut = (word: string): string =>
  word.length > LONGEST_WORD ? word.slice(0, LONGEST_WORD).toWellFormed() : word
