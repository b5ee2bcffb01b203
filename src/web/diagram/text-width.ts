/** How wide a name is drawn, near enough: the reader's font is not known here. */

/** Of digits and letters on average, at 13 pixels. */
const NARROW = 7.3
/** Of characters as wide as they are high. */
const WIDE = 13.5
const LONGEST = 20

const isWide = (character: string): boolean => (character.codePointAt(0) ?? 0) >= 0x11_00

export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += isWide(character) ? WIDE : NARROW
  return width
}

/** Its beginning and its end: `a-very-lo…er/staging`. */
export function cutName(name: string): string {
  const characters = Array.from(name)
  if (characters.length <= LONGEST) return name
  const half = LONGEST / 2
  return `${characters.slice(0, half - 1).join('')}…${characters.slice(-half).join('')}`
}
