/** Values as people read them. */

const units = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const

/** `1 bytes`, `13 KB`, `4.2 MB`: two digits at least, in steps of 1,000. */
export function printSize(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1]
  const digits = unit > 0 && value < 10 ? 1 : 0
  return `${value.toFixed(digits)} ${bytes === 1 ? 'byte' : units[unit]}`
}

export const printNumber = (value: number): string =>
  String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',')

/** `2026-11-25 20:35 UTC` */
export const printTime = (at: number): string => `${minuteOf(new Date(at).toISOString())} UTC`

const minuteOf = (exact: string): string => exact.slice(0, 16).replace('T', ' ')

/** A `time` element: a page script turns it into the reader's own time, which is as wide, so that nothing moves. */
export function timeElement(at: number | string | undefined): string {
  const instant = typeof at === 'string' ? Date.parse(at) : at
  if (instant === undefined || Number.isNaN(instant)) return ''
  const exact = new Date(instant).toISOString()
  return `<time datetime="${exact}" title="${exact.replace('T', ' ').replace('.000Z', ' UTC').replace('Z', ' UTC')}">${minuteOf(exact)}<span class="zone"> UTC</span></time>`
}

/** `1 release`, `2 releases` */
export const printCount = (count: number, one: string, many = `${one}s`): string =>
  `${printNumber(count)} ${count === 1 ? one : many}`
