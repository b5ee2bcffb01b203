/** What a directive is: its arguments, options and content, and how they are read from its block. */
import { fieldMarker } from './field-list.ts'
import { sliceBlock, takeIndented, trimStart, type Block } from './lines.ts'
import type { Node } from './nodes.ts'
import type { Cursor } from './parser.ts'
import { RstProblem } from './problem.ts'

/** Checks an option's value and gives its normal form; throws where it is not valid. */
export type Convert = (value: string | undefined) => string

export interface Directive {
  readonly required?: number
  readonly optional?: number
  /** Whether the last argument goes on to the end. */
  readonly isFinalLong?: boolean
  readonly options?: Readonly<Record<string, Convert>>
  readonly hasContent?: boolean
  readonly run: (call: DirectiveCall) => Node[]
}

/** The substitution that a directive is the definition of. */
export interface Substitution {
  readonly name: string
  /** The sides at which white space around the reference goes. */
  trim: '' | 'left' | 'right' | 'both'
}

export interface DirectiveCall {
  readonly name: string
  readonly line: number
  readonly arguments: readonly string[]
  readonly options: Readonly<Record<string, string>>
  readonly content: Block
  readonly cursor: Cursor
  readonly substitution?: Substitution
}

export type DirectiveBlock = Pick<DirectiveCall, 'arguments' | 'options' | 'content'>

export function readDirectiveBlock(
  directive: Directive,
  block: Block,
  presets: Readonly<Record<string, string>> = {},
): DirectiveBlock {
  const { required = 0, optional = 0, options: known } = directive
  const takesArguments = required + optional > 0
  const whole = block.lines[0] === '' ? sliceBlock(block, 1) : block
  const head = takesArguments || known ? lengthOfHead(whole.lines) : 0
  const optionsAt = known ? firstOption(whole.lines, head) : head
  const options = { ...presets, ...readOptions(sliceBlock(whole, optionsAt, head), known ?? {}) }
  const lead = sliceBlock(whole, 0, optionsAt)
  let content = sliceBlock(whole, head)
  if (lead.lines.length > 0 && !takesArguments) {
    content = { ...lead, lines: [...lead.lines, ...content.lines] }
  }
  content = trimStart(content)
  if (content.lines.length > 0 && directive.hasContent !== true) {
    throw new RstProblem('This directive can have no content.', content.first)
  }
  return { options, content, arguments: takesArguments ? readArguments(directive, lead) : [] }
}

function lengthOfHead(lines: readonly string[]): number {
  const blank = lines.indexOf('')
  return blank < 0 ? lines.length : blank
}

function firstOption(lines: readonly string[], head: number): number {
  const at = lines.slice(0, head).findIndex((line) => fieldMarker(line) !== undefined)
  return at < 0 ? head : at
}

function readOptions(
  block: Block,
  known: Readonly<Record<string, Convert>>,
): Record<string, string> {
  const options: Record<string, string> = {}
  for (let at = 0; at < block.lines.length;) {
    const line = block.first + at
    const marker = fieldMarker(block.lines[at] ?? '')
    if (!marker) throw new RstProblem('Something else stands among the options.', line)
    const value = takeIndented(block, at, { first: marker.width })
    const name = marker.name.toLowerCase()
    const convert = Object.hasOwn(known, name) ? known[name] : undefined
    if (!convert) throw new RstProblem(`The option "${name}" is not known.`, line)
    if (Object.hasOwn(options, name)) {
      throw new RstProblem(`The option "${name}" is there twice.`, line)
    }
    options[name] = convertOption(convert, value, name)
    at = value.end
  }
  return options
}

function convertOption(convert: Convert, { lines, first }: Block, name: string): string {
  try {
    return convert(lines.length === 0 ? undefined : lines.join('\n'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : ''
    throw new RstProblem(`The option "${name}" is not valid: ${reason}`, first)
  }
}

function readArguments(
  { required = 0, optional = 0, isFinalLong }: Directive,
  { lines, first }: Block,
): string[] {
  const text = lines.join('\n').trim()
  const words = text === '' ? [] : text.split(/\s+/)
  if (words.length < required) throw new RstProblem('The directive lacks an argument.', first)
  const most = required + optional
  if (words.length <= most) return words
  if (isFinalLong !== true) throw new RstProblem('The directive has too many arguments.', first)
  return most === 1 ? [text] : words
}
