/** XML-RPC as old tools speak it: requests read within limits, answers and faults printed. */
import { Parser } from 'htmlparser2'
import { escapeHtml } from './html-escape.ts'

export type XmlRpcValue =
  | string
  | number
  | boolean
  | null
  | readonly XmlRpcValue[]
  | { readonly [name: string]: XmlRpcValue }

export interface XmlRpcCall {
  readonly method: string
  readonly params: readonly XmlRpcValue[]
}

/** What is sent is no call that can be understood; the message says why. */
export class UnreadableCall extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'UnreadableCall'
  }
}

interface Element {
  readonly name: string
  readonly children: Element[]
  text: string
}

const DEEPEST = 40
const MOST_ELEMENTS = 10_000

/** Throws `UnreadableCall`. Entities that a document declares are none: there is no such document here. */
export function parseXmlRpcCall(text: string): XmlRpcCall {
  const call = child(parseXml(text), 'methodCall')
  const method = child(call, 'methodName').text.trim()
  const params = call.children.find(({ name }) => name === 'params')?.children ?? []
  return { method, params: params.map((param) => readValue(child(param, 'value'))) }
}

function parseXml(text: string): Element {
  const root: Element = { name: '', children: [], text: '' }
  const open = [root]
  let count = 0
  const refuse = (): never => {
    throw new UnreadableCall('document types and processing instructions are not allowed')
  }
  const parser = new Parser(
    {
      onopentagname(name) {
        const element: Element = { name, children: [], text: '' }
        count += 1
        if (open.length > DEEPEST || count > MOST_ELEMENTS) {
          throw new UnreadableCall('too many elements')
        }
        open.at(-1)?.children.push(element)
        open.push(element)
      },
      ontext(piece) {
        const element = open.at(-1)
        if (element) element.text += piece
      },
      onclosetag(name, isImplied) {
        const element = open.pop()
        // An empty element may end itself.
        const isEmpty = element?.text === '' && element.children.length === 0
        if (element?.name !== name || (isImplied && !isEmpty)) {
          throw new UnreadableCall('not well-formed')
        }
      },
      onprocessinginstruction(name) {
        if (name.toLowerCase() !== '?xml') refuse()
      },
    },
    { xmlMode: true },
  )
  parser.write(text)
  parser.end()
  return root
}

function child(element: Element, name: string): Element {
  const found = element.children.find((one) => one.name === name)
  if (!found) throw new UnreadableCall(`${name} is missing`)
  return found
}

function readValue(value: Element): XmlRpcValue {
  const [typed] = value.children
  if (!typed) return value.text
  const { name, text, children } = typed
  switch (name) {
    case 'string':
      return text
    case 'int':
    case 'i4':
    case 'i8':
      return readNumber(text, /^[+-]?\d{1,19}$/)
    case 'double':
      return readNumber(text, /^[+-]?\d{1,19}(?:\.\d{1,30})?$/)
    case 'boolean':
      return text.trim() === '1'
    case 'nil':
      return null
    case 'array':
      return child(typed, 'data').children.map(readValue)
    case 'struct':
      return Object.fromEntries(children.map(readMember))
    default:
      throw new UnreadableCall(`values of type ${name.slice(0, 40)} are not understood`)
  }
}

const readMember = (member: Element): [string, XmlRpcValue] => [
  child(member, 'name').text.trim(),
  readValue(child(member, 'value')),
]

function readNumber(text: string, grammar: RegExp): number {
  if (!grammar.test(text.trim())) throw new UnreadableCall('a number is none')
  return Number(text)
}

const HEAD = "<?xml version='1.0' encoding='utf-8'?>\n<methodResponse>\n"

export function printXmlRpcAnswer(value: XmlRpcValue): string {
  return `${HEAD}<params>\n<param>\n${printValue(value)}</param>\n</params>\n</methodResponse>\n`
}

export function printXmlRpcFault(code: number, message: string): string {
  const fault = printValue({ faultCode: code, faultString: message })
  return `${HEAD}<fault>\n${fault}</fault>\n</methodResponse>\n`
}

function printValue(value: XmlRpcValue): string {
  return `<value>${printTyped(value)}</value>\n`
}

function printTyped(value: XmlRpcValue): string {
  if (value === null) return '<nil/>'
  if (typeof value === 'string') return `<string>${escapeHtml(withoutControls(value))}</string>`
  if (typeof value === 'boolean') return `<boolean>${value ? 1 : 0}</boolean>`
  if (typeof value === 'number')
    return Number.isInteger(value) ? `<int>${value}</int>` : `<double>${value}</double>`
  if (isList(value)) return `<array><data>\n${value.map(printValue).join('')}</data></array>`
  const members = Object.entries(value).map(
    ([name, one]) => `<member>\n<name>${escapeHtml(name)}</name>\n${printValue(one)}</member>\n`,
  )
  return `<struct>\n${members.join('')}</struct>`
}

const isList = (value: XmlRpcValue): value is readonly XmlRpcValue[] => Array.isArray(value)

/** XML has no way to write them. */
const withoutControls = (text: string): string =>
  text.toWellFormed().replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
