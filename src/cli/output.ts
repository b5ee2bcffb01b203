/** How results and errors look: a table or JSON on standard output, sentences on standard error. */
import type { Output, World } from './world.ts'

export function printJson({ stdout }: World, value: unknown): void {
  stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
}

/** Columns as wide as their widest cell; the last one as it comes. */
export function printTable({ stdout }: World, given: readonly (readonly string[])[]): void {
  const widths: number[] = []
  const rows = given.map((row) => row.map(printable))
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)))
  }
  for (const row of rows) {
    stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd()}\n`,
    )
  }
}

/** `Error: …` and, where something can be done about it, `Try: …`. */
export function printError(stderr: Output, message: string, tries: readonly string[] = []): void {
  stderr.write(`Error: ${message}\n${tries.map((text) => `Try: ${text}\n`).join('')}`)
}

/** Upstreams write some of what is printed, which must not steer a terminal. */
const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ')
