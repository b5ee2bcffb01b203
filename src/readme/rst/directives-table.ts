/** Tables with a title, tables from lists, and tables from comma-separated values. */
import { parseCsv } from './csv.ts'
import { addName, classesOf } from './directive-parts.ts'
import type { Directive, DirectiveCall } from './directive.ts'
import { isElement, makeElement, type Element, type Node } from './nodes.ts'
import {
  character,
  common,
  delimiter,
  flag,
  lengthOrPercentage,
  naturalNumber,
  oneOf,
  required,
  unchanged,
  widths,
} from './option-values.ts'
import { RstProblem } from './problem.ts'
import { buildTable, markHeadings, refuseTooManyCells, type Cell } from './table.ts'

const layout = {
  ...common,
  align: oneOf('left', 'center', 'right'),
  width: lengthOrPercentage,
} as const

const headings = { 'header-rows': naturalNumber, 'stub-columns': naturalNumber } as const

const base = { optional: 1, isFinalLong: true, hasContent: true } as const

export const tables: Readonly<Record<string, Directive>> = {
  table: { ...base, options: { ...layout, widths: widths('auto', 'grid') }, run: titleTable },
  'list-table': {
    ...base,
    options: { ...layout, ...headings, widths: widths('auto') },
    run: tableFromList,
  },
  'csv-table': {
    ...base,
    options: {
      ...{ ...layout, ...headings, widths: widths('auto') },
      ...{ header: unchanged, file: required, url: required, encoding: required },
      ...{ delim: delimiter, keepspace: flag, quote: character, escape: character },
    },
    run: tableFromCsv,
  },
}

/** Adds what all kinds have: a title, classes and a name. */
function finish(call: DirectiveCall, table: Element): Node[] {
  const [title] = call.arguments
  table.classes = [...(table.classes ?? []), ...classesOf(call)]
  addName(call, table)
  if (title !== undefined) {
    const nodes = call.cursor.parser.parseInline(title, call.line)
    table.children.unshift(makeElement('title', nodes))
  }
  return [table]
}

function readOnly(call: DirectiveCall, kind: 'table' | 'bullet-list'): Element {
  const parent = makeElement('fragment')
  call.cursor.parser.parseBody(call.content, parent)
  const [only, ...rest] = parent.children
  if (isElement(only, kind) && rest.length === 0) return only
  throw new RstProblem(`The content of "${call.name}" is not one ${kind}.`, call.line)
}

function titleTable(call: DirectiveCall): Node[] {
  const table = readOnly(call, 'table')
  const rows = table.children.flatMap((part) => (isElement(part) ? part.children : []))
  const columns = isElement(rows[0]) ? columnsOf(rows[0]) : 0
  checkWidths(call, columns)
  return finish(call, table)
}

function columnsOf(row: Element): number {
  return row.children.reduce((sum, cell) => sum + (isElement(cell) ? (cell.columns ?? 1) : 0), 0)
}

function checkWidths({ options, line }: DirectiveCall, columns: number): void {
  const { widths: given = '' } = options
  if (/^[0-9]/.test(given) && given.split(' ').length !== columns) {
    throw new RstProblem('The widths are not as many as the columns.', line)
  }
}

/** At least one row and one column are left when headings are taken away. */
function checkSizes(call: DirectiveCall, rows: number, leastColumns: number): void {
  const head = Number(call.options['header-rows'] ?? 0)
  const stubs = Number(call.options['stub-columns'] ?? 0)
  const lacksRows = rows < head || (head > 0 && rows === head)
  if (lacksRows || leastColumns < stubs || (stubs > 0 && leastColumns === stubs)) {
    throw new RstProblem('The table is smaller than its headings.', call.line)
  }
}

function tableFromList(call: DirectiveCall): Node[] {
  if (call.content.lines.length === 0) throw new RstProblem('The table is empty.', call.line)
  const rows = readOnly(call, 'bullet-list').children.map((item) => cellsOfItem(item, call.line))
  const columns = rows[0]?.length ?? 0
  if (columns === 0 || rows.some((row) => row.length !== columns)) {
    throw new RstProblem('The rows of the table are not equally long.', call.line)
  }
  checkWidths(call, columns)
  checkSizes(call, rows.length, columns)
  const head = Number(call.options['header-rows'] ?? 0)
  const stubs = Number(call.options['stub-columns'] ?? 0)
  const made = rows.map((cells, i) => {
    markHeadings(cells, { isHead: i < head, stubs })
    return makeElement('row', cells)
  })
  const parts = [makeElement('table-body', made.slice(head))]
  if (head > 0) parts.unshift(makeElement('table-head', made.slice(0, head)))
  return finish(call, makeElement('table', parts, { line: call.line }))
}

function cellsOfItem(item: Node, line: number): Element[] {
  const [list, ...rest] = isElement(item) ? item.children : []
  if (!isElement(list, 'bullet-list') || rest.length > 0) {
    throw new RstProblem('A row of the table is no list.', line)
  }
  return list.children.map((cell) => makeElement('entry', isElement(cell) ? cell.children : []))
}

function tableFromCsv(call: DirectiveCall): Node[] {
  const { options, content, line, cursor } = call
  if (options['file'] !== undefined || options['url'] !== undefined) {
    throw new RstProblem('The content of other files is not shown.', line)
  }
  if (content.lines.length === 0) throw new RstProblem('The table is empty.', line)
  const dialect = {
    delimiter: options['delim'] ?? ',',
    quote: options['quote'] ?? '"',
    escape: options['escape'],
    keepsSpace: options['keepspace'] !== undefined,
  }
  const header = options['header']?.split('\n') ?? []
  const headerRows = header.length === 0 ? [] : parseCsv(header, dialect, line)
  const rows = parseCsv(content.lines, dialect, content.first)
  const columns = [...headerRows, ...rows].reduce((most, row) => Math.max(most, row.length), 0)
  refuseTooManyCells(columns * (rows.length + headerRows.length), line)
  const least = rows.reduce((fewest, row) => Math.min(fewest, row.length), Infinity)
  checkSizes(call, rows.length, least)
  if (columns === 0) throw new RstProblem('The table is empty.', line)
  checkWidths(call, columns)
  const all = [...headerRows, ...rows].map((row) => toCells(row, columns, content.first))
  const head = headerRows.length + Number(options['header-rows'] ?? 0)
  const parts = { head: all.slice(0, head), body: all.slice(head) }
  const table = buildTable(cursor.parser, parts, Number(options['stub-columns'] ?? 0))
  return finish(call, { ...table, line })
}

function toCells(row: readonly string[], columns: number, first: number): Cell[] {
  return Array.from({ length: columns }, (_, i) => {
    const lines = (row[i] ?? '').split(/\r\n|\n|\r/).map((line) => line.trimEnd())
    return { content: { lines, first }, rows: 1, columns: 1 }
  })
}
