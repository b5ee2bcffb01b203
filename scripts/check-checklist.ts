/**
 * Compares the checklist of devpi-http with the tests: each row has one that names it, or a reason to wait. With
 * `--list` prints each row with the titles of its tests.
 *
 * A row is named by `// devpi-http 12: 31, 33` above a test, and by `rows: [31, 33]` in a chapter of a story.
 */
import { parseArgs } from 'node:util'
import { checklist, later } from '../test/oracle/checklist.ts'
import { isTest, readTextFiles, report, type SourceFile } from './repository.ts'

interface Mark {
  readonly row: number
  /** Where, and the title of the test. */
  readonly test: string
}

const marks = (await readTextFiles()).flatMap((file) => [...findMarks(file)])
const { values } = parseArgs({ options: { list: { type: 'boolean', default: false } } })

if (values.list) list()
report('check-checklist', [...findMissing(), ...findUnknown()])

function* findMarks({ path, text }: SourceFile): Generator<Mark> {
  const isStory = path.startsWith('test/oracle/stories/')
  if (!isStory && !isTest(path)) return
  const lines = text.split('\n')
  for (const [i, line] of lines.entries()) {
    const numbers = isStory
      ? /^\s*rows: \[([\d, ]+)\]/.exec(line)?.[1]
      : /^\s*(?:\/\/|\*) devpi-http 12: ([\d, ]+?)(?: \(.*)?$/.exec(line)?.[1]
    if (numbers === undefined) continue
    const title = titleOf(isStory ? lines.slice(0, i).toReversed() : lines.slice(i + 1))
    for (const row of numbers.split(',').map(Number)) yield { row, test: `${path}: ${title}` }
  }
}

/** The next title of a test, or the last of a chapter; a test that loops over cases has one of its own. */
function titleOf(lines: readonly string[]): string {
  for (const [i, line] of lines.entries()) {
    const start = /(?:\btest|\bit|\bdescribe)\((.*)|^\s*title:(.*)/.exec(line)
    if (!start) continue
    const text = `${start[1] ?? start[2] ?? ''} ${lines[i + 1] ?? ''}`
    return /(['"`])(.*?)\1/.exec(text)?.[2] ?? text.trim()
  }
  return 'the whole file'
}

function findMissing(): string[] {
  const named = new Set(marks.map(({ row }) => row))
  return Object.entries(checklist)
    .filter(([row]) => !named.has(Number(row)) && later[Number(row)] === undefined)
    .map(([row, what]) => `no test names row ${row}: ${what}`)
}

function findUnknown(): string[] {
  return [
    ...marks
      .filter(({ row }) => checklist[row] === undefined)
      .map(({ row, test }) => `${test} names row ${row}, which is none`),
    ...Object.keys(later)
      .filter((row) => marks.some((mark) => mark.row === Number(row)))
      .map((row) => `row ${row} need not wait: a test names it`),
  ]
}

function list(): void {
  for (const [row, what] of Object.entries(checklist)) {
    console.log(`${row} ${what}`)
    const tests = marks.filter((mark) => mark.row === Number(row)).map(({ test }) => test)
    for (const test of new Set(tests)) console.log(`    ${test}`)
    if (later[Number(row)] !== undefined) console.log(`    later: ${later[Number(row)]}`)
  }
}
