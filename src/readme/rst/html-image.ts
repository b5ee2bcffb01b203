/** Images, as large as the text says. */
import { attribute } from './html-escape.ts'
import type { Element } from './nodes.ts'

export function printImage({ uri = '', options = {}, ids }: Element): string {
  const { alt = uri, align, width, height } = options
  const scale = Number(options['scale'] ?? 100) / 100
  return [
    `<img src="${attribute('', uri).slice(3, -1)}"`,
    alt === '' ? ' alt=""' : attribute('alt', alt),
    attribute('width', scaled(width, scale)),
    attribute('height', scaled(height, scale)),
    attribute('class', align === undefined ? undefined : `align-${align}`),
    attribute('id', ids?.[0]),
    '>',
  ].join('')
}

/** Only pixels and percentages are values of the attributes. */
function scaled(measure: string | undefined, scale: number): string | undefined {
  const [, number, unit] = /^([0-9.]+)(px|%|)$/.exec(measure ?? '') ?? []
  if (number === undefined) return undefined
  return `${Math.round(Number(number) * scale)}${unit === '%' ? '%' : ''}`
}
