/** How well a document answers. What the backend tells of it decides at first, for the best of them their text. */
import type { Candidate, Fit } from './backend.ts'
import type { DocumentType, QueryNode, WordNode } from './query.ts'

/** As devpi-web weighs them, with titles and names above the rest. */
const weights: Readonly<Record<DocumentType, number>> = {
  project: 4,
  summary: 1.75,
  keywords: 1.75,
  description: 1.5,
  title: 1.25,
  page: 1,
  author: 0.5,
  author_email: 0.5,
  file: 0.4,
}
const fits: Readonly<Record<Fit, number>> = { whole: 1, start: 0.7, part: 0.45 }

/** What the indexes themselves hold comes before the hundreds of names that only upstream has, though these fit better. */
const KNOWN = 1.5

const weightOf = ({ type, isKnown }: Candidate): number => weights[type] * (isKnown ? KNOWN : 1)

export const firstScore = (candidate: Candidate, fit: Fit): number =>
  weightOf(candidate) * fits[fit]

/** By the words of its name: one that is what was asked for is far ahead. */
export function nameScore(candidate: Candidate, sought: readonly WordNode[]): number {
  const { project } = candidate
  const asked = sought.map(({ word }) => word.replaceAll(/[._]+/g, '-')).join('-')
  const bonus = project === asked ? 3 : project.startsWith(asked) ? 1.4 : 1
  const text = project.replaceAll('-', ' ')
  const shortness = 1 / (1 + 0.01 * project.length)
  const parts = sought.map((one) => ({ ...one, word: one.word.replaceAll(/[._]+/g, ' ') }))
  return weightOf(candidate) * bonus * shortness * wordsScore(text, parts)
}

/** By how often its words are there, and how well they fit. */
export function textScore(candidate: Candidate, text: string, sought: readonly WordNode[]): number {
  const brevity = 1 / (1 + 0.05 * Math.log1p(text.length / 500))
  return weightOf(candidate) * brevity * wordsScore(text.toLowerCase(), sought)
}

/** 1 where each word is there as a whole word, up to 1.5 where they are often. */
function wordsScore(text: string, sought: readonly WordNode[]): number {
  if (sought.length === 0) return 1
  let sum = 0
  let weight = 0
  for (const { word, boost } of sought) {
    weight += boost
    sum += boost * occurrenceScore(text, word)
  }
  return weight === 0 ? 1 : sum / weight
}

const MOST_COUNTED = 30
const WORD_CHARACTER = /[\p{L}\p{N}_]/u

function occurrenceScore(text: string, word: string): number {
  let best = 0
  let count = 0
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) {
    const isStart = !WORD_CHARACTER.test(text[at - 1] ?? ' ')
    const isEnd = !WORD_CHARACTER.test(text[at + word.length] ?? ' ')
    best = Math.max(best, fits[isStart ? (isEnd ? 'whole' : 'start') : 'part'])
    if (++count >= MOST_COUNTED) break
  }
  return best * (1 + 0.5 * (Math.max(count - 1, 0) / (count + 3)))
}

/** Whether a text answers as far as phrases go: a backend knows their words, and not that they stand side by side. */
export function fitsPhrases(node: QueryNode, lowered: string): boolean {
  switch (node.kind) {
    case 'phrase':
      return new RegExp(
        node.words.map((word) => RegExp.escape(word)).join('[^\\p{L}\\p{N}_]+'),
        'u',
      ).test(lowered)
    case 'word':
      return lowered.includes(node.word)
    case 'and':
      return node.nodes.every((one) => fitsPhrases(one, lowered))
    case 'or':
      return node.nodes.some((one) => fitsPhrases(one, lowered))
    case 'not':
      return !isOfWords(node.node) || !fitsPhrases(node.node, lowered)
    case 'maybe':
      return fitsPhrases(node.node, lowered)
    default:
      return true
  }
}

/** Of a field a text tells nothing. */
function isOfWords(node: QueryNode): boolean {
  if (node.kind === 'and' || node.kind === 'or') return node.nodes.every(isOfWords)
  return node.kind === 'word' || node.kind === 'phrase'
}
