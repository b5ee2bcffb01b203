/** Lists of a command's options: `-a, --all  What it does.` */
import { takeIndented } from './lines.ts'
import { makeElement, makeText, type Element } from './nodes.ts'
import { blockCost } from './problem.ts'
import { currentLine, requireBlankFinish, skipBlank, type Cursor } from './parser.ts'

const argument = '(?:[a-zA-Z][a-zA-Z0-9_-]*|<[^<>]+>)'
const short = `[-+][a-zA-Z0-9](?: ?${argument})?`
const long = `(?:--|/)[a-zA-Z0-9][a-zA-Z0-9_-]*(?:[ =]${argument})?`
const option = `(?:${short}|${long})`
const marker = new RegExp(`^${option}(?:, ${option})*(?:  +| ?$)`)

export function isOptionMarker(line: string): boolean {
  return /^[-+/]/.test(line) && marker.test(line)
}

export function readOptionList(cursor: Cursor): boolean {
  const list = makeElement('option-list')
  let last = readItem(cursor, list)
  if (!last) return false
  cursor.parent.children.push(list)
  for (let next: typeof last | undefined = last; next; next = readItem(cursor, list)) {
    last = next
    skipBlank(cursor)
  }
  requireBlankFinish(last, cursor, 'Option list')
  return true
}

function readItem(cursor: Cursor, list: Element): { blankFinish: boolean } | undefined {
  const line = currentLine(cursor)
  const found = /^[-+/]/.test(line) ? marker.exec(line)?.[0] : undefined
  if (found === undefined) return undefined
  const content = takeIndented(cursor.block, cursor.at, { first: found.length })
  if (content.lines.length === 0) return undefined
  cursor.parser.registry.budget.spend(blockCost)
  const options = splitOptions(found.trimEnd())
  if (!options) return undefined
  const description = makeElement('description')
  list.children.push(
    makeElement('option-item', [makeElement('option-group', options), description]),
  )
  cursor.parser.parseBody(content, description)
  cursor.at = content.end
  return content
}

function splitOptions(text: string): Element[] | undefined {
  const options = ['']
  // A comma inside <…> belongs to the argument.
  for (const part of text.match(/<[^<>]+>|, |[^<,]+|[<,]/g) ?? []) {
    if (part === ', ') options.push('')
    else options[options.length - 1] += part
  }
  const nodes = options.map(readOption)
  return nodes.every((each) => each !== undefined) ? nodes : undefined
}

function readOption(text: string): Element | undefined {
  const { name, delimiter, value } = splitOption(text)
  const node = makeElement('option', [makeText(name)])
  if (value === '') return node
  const isOneWord = !/\s/.test(value) || (value.startsWith('<') && value.endsWith('>'))
  if (!isOneWord) return undefined
  node.children.push(makeText(delimiter), makeElement('option-argument', [makeText(value)]))
  return node
}

function splitOption(text: string): { name: string; delimiter: string; value: string } {
  const equals = /^[^\s=]+=/.exec(text)?.[0]
  if (equals !== undefined) {
    return { name: equals.slice(0, -1), delimiter: '=', value: text.slice(equals.length) }
  }
  const joined = /^(?:-[^-\s]|\+[^\s])(?=\S)/.exec(text)?.[0]
  if (joined !== undefined) return { name: joined, delimiter: '', value: text.slice(2) }
  const space = text.indexOf(' ')
  if (space < 0) return { name: text, delimiter: '', value: '' }
  return { name: text.slice(0, space), delimiter: ' ', value: text.slice(space + 1) }
}
