/** Spans of time and sizes as people write them ("3d", "64MB"), to numbers and back. */

interface Unit {
  readonly name: string
  readonly factor: number
}

const timeUnits: readonly Unit[] = [
  { name: 'w', factor: 604_800_000 },
  { name: 'd', factor: 86_400_000 },
  { name: 'h', factor: 3_600_000 },
  { name: 'm', factor: 60_000 },
  { name: 's', factor: 1000 },
  { name: 'ms', factor: 1 },
]

const sizeUnits: readonly Unit[] = [
  { name: 'TiB', factor: 2 ** 40 },
  { name: 'TB', factor: 1e12 },
  { name: 'GiB', factor: 2 ** 30 },
  { name: 'GB', factor: 1e9 },
  { name: 'MiB', factor: 2 ** 20 },
  { name: 'MB', factor: 1e6 },
  { name: 'KiB', factor: 2 ** 10 },
  { name: 'KB', factor: 1000 },
  { name: 'B', factor: 1 },
]

/** Milliseconds; a number without a unit counts seconds. Undefined if the text is no duration. */
export function parseDuration(text: string): number | undefined {
  return parseAmount(text, timeUnits, 1000)
}

/** In the largest unit that divides it, so that `parseDuration` gives the same number. */
export function printDuration(ms: number): string {
  return ms === 0 ? '0s' : printAmount(ms, timeUnits)
}

/** Bytes. KB, MB … count in thousands, KiB, MiB … in 1024s; a number without a unit counts bytes. */
export function parseSize(text: string): number | undefined {
  return parseAmount(text, sizeUnits, 1)
}

/** In the unit that gives the smallest number and divides it, so that `parseSize` reads it back. */
export function printSize(bytes: number): string {
  return bytes === 0 ? '0B' : printAmount(bytes, sizeUnits)
}

function parseAmount(text: string, units: readonly Unit[], plain: number): number | undefined {
  const [, amount, name = ''] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim()) ?? []
  if (amount === undefined) return undefined

  const unit = units.find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (!unit && name) return undefined

  const number = Math.round(Number(amount) * (unit?.factor ?? plain))
  return Number.isSafeInteger(number) ? number : undefined
}

function printAmount(number: number, units: readonly Unit[]): string {
  const unit = units.find(({ factor }) => number % factor === 0) ?? units.at(-1)!
  return `${number / unit.factor}${unit.name}`
}
