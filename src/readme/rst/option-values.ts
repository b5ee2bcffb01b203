/** What values the options of directives take. */
import { escapeToNull, joinAddress, makeId } from './characters.ts'
import type { Convert } from './directive.ts'

export const flag: Convert = (value) => {
  if (value !== undefined && value.trim() !== '') throw new Error('it takes no value.')
  return ''
}

export const unchanged: Convert = (value) => value ?? ''

export const required: Convert = (value) => {
  if (value === undefined) throw new Error('it needs a value.')
  return value
}

export const address: Convert = (value) => joinAddress(escapeToNull(required(value)))

/** Values as class names, separated by spaces. */
export const classNames: Convert = (value) => {
  const names = required(value).trim().split(/\s+/).map(makeId)
  if (names.includes('')) throw new Error('it makes no class name.')
  return names.join(' ')
}

export const wholeNumber: Convert = (value) => {
  const text = required(value).trim()
  if (!/^[-+]?[0-9]{1,9}$/.test(text)) throw new Error('it is no number.')
  return String(Number(text))
}

export const naturalNumber: Convert = (value) => {
  const number = wholeNumber(value)
  if (Number(number) < 0) throw new Error('it is negative.')
  return number
}

export const percentage: Convert = (value) => naturalNumber(required(value).replace(/[ %]+$/, ''))

const units =
  /^([0-9]+(?:\.[0-9]*)?|\.[0-9]+) *(em|ex|ch|rem|vw|vh|vmin|vmax|cm|mm|Q|in|pt|pc|px|%|)$/

export const lengthOrPercentage: Convert = (value) => {
  const [, number, unit] = units.exec(required(value)) ?? []
  if (number === undefined || unit === undefined) throw new Error('it is no length.')
  return number + unit
}

export const length: Convert = (value) => {
  const text = lengthOrPercentage(value)
  if (text.endsWith('%')) throw new Error('it is no length.')
  return text
}

export function oneOf(...values: readonly string[]): Convert {
  return (value) => {
    const folded = required(value).toLowerCase().trim()
    if (!values.includes(folded)) throw new Error(`it is none of ${values.join(', ')}.`)
    return folded
  }
}

/** Numbers above zero, separated by commas or spaces, or one of the words. */
export function widths(...words: readonly string[]): Convert {
  return (value) => {
    const text = required(value)
    if (words.includes(text)) return text
    const numbers = text.includes(',') ? text.split(',') : text.trim().split(/\s+/)
    for (const number of numbers) {
      if (Number(wholeNumber(number)) < 1) throw new Error('a width is not above zero.')
    }
    return numbers.map((number) => number.trim()).join(' ')
  }
}

const codePoint = /^(?:0x|x|\\x|U\+?|\\u)([0-9a-f]+)$|^&#x([0-9a-f]+);$/i

/** A character written as its number, or the text as it is. */
export function characterFor(code: string): string {
  const hex = codePoint.exec(code)
  const digits = hex?.[1] ?? hex?.[2]
  if (digits === undefined && !/^[0-9]+$/.test(code)) return code
  const number = digits === undefined ? Number(code) : Number.parseInt(digits, 16)
  const isSurrogate = number >= 0xd800 && number < 0xe000
  if (number > 0x10ffff || isSurrogate) throw new Error('it is no character.')
  return number === 0 ? '\ufffd' : String.fromCodePoint(number)
}

export const character: Convert = (value) => {
  const text = characterFor(required(value))
  if (Array.from(text).length !== 1) throw new Error('it is not one character.')
  return text
}

export const delimiter: Convert = (value) => {
  if (value === 'tab') return '\t'
  return value === 'space' ? ' ' : character(value)
}

/** Options that nearly every directive has. */
export const common = { class: classNames, name: unchanged } as const
