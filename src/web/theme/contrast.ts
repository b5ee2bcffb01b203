/** Whether texts can be read in the colours that style sheets set: WCAG 2.2, 1.4.3 (AA). */

type Scheme = 'light' | 'dark'
type Variables = ReadonlyMap<string, string>

/** Red, green and blue, from 0 to 255. */
type Colour = readonly [number, number, number]

const LEAST = 4.5

/** What stands on what, as our own style sheet has it. */
const pairs: readonly (readonly [text: string, behind: string])[] = [
  ...['--background', '--surface', '--surface-2', '--header', '--mark'].map(
    (behind) => ['--text', behind] as const,
  ),
  ...['--background', '--surface', '--surface-2', '--header', '--mark'].map(
    (behind) => ['--text-soft', behind] as const,
  ),
  ...['--background', '--surface', '--surface-2', '--mark'].map(
    (behind) => ['--accent', behind] as const,
  ),
  ['--accent-text', '--accent'],
  ['--stage', '--stage-soft'],
  ['--mirror', '--mirror-soft'],
  ['--warning', '--warning-soft'],
  ['--text', '--warning-soft'],
  ['--text', '--stage-soft'],
  ['--good', '--stage-soft'],
  ['--good', '--surface'],
  ['--bad', '--warning-soft'],
  ['--bad', '--surface'],
]

/**
 * Sentences about pairs of variables that are too close, in light and in dark. Style sheets in the order in which a page
 * has them, ours first. What is no plain colour (`#…`, `rgb()`, `light-dark()`, `var()`) is not judged.
 */
export function findPoorContrast(sheets: readonly string[]): string[] {
  return (['light', 'dark'] as const).flatMap((scheme) => {
    const variables = readVariables(sheets, scheme)
    return pairs.flatMap(([text, behind]) => {
      const [above, below] = [
        colourOf(text, variables, scheme),
        colourOf(behind, variables, scheme),
      ]
      if (!above || !below) return []
      const ratio = contrast(above, below)
      if (ratio >= LEAST) return []
      const shown = (Math.floor(ratio * 100) / 100).toFixed(2)
      return [`${text} on ${behind} has a contrast of ${shown} in ${scheme}; texts need ${LEAST}`]
    })
  })
}

function readVariables(sheets: readonly string[], scheme: Scheme): Variables {
  const variables = new Map<string, string>()
  for (const sheet of sheets) {
    const text = sheet.replaceAll(/\/\*[^]*?\*\//g, '')
    const media = /@media[^{]*prefers-color-scheme:\s*(light|dark)[^{]*\{((?:[^{}]|\{[^{}]*\})*)\}/g
    const special = [...text.matchAll(media)].filter(([, wanted]) => wanted === scheme)
    const blocks = [text.replaceAll(media, ''), ...special.map(([, , block = '']) => block)]
    for (const [, declarations = ''] of blocks.join('\n').matchAll(/:root[^{]*\{([^{}]*)\}/g)) {
      for (const [, name = '', value = ''] of declarations.matchAll(/(--[\w-]+)\s*:\s*([^;]+)/g)) {
        variables.set(name, value.trim())
      }
    }
  }
  return variables
}

function colourOf(
  name: string,
  variables: Variables,
  scheme: Scheme,
  depth = 0,
): Colour | undefined {
  const value = variables.get(name)
  if (value === undefined || depth > 9) return undefined
  const chosen = /^light-dark\(\s*((?:[^,()]|\([^()]*\))+),\s*((?:[^,()]|\([^()]*\))+)\)$/.exec(
    value,
  )
  const plain = (chosen ? chosen[scheme === 'light' ? 1 : 2] : value)?.trim() ?? ''
  const [, other] = /^var\(\s*(--[\w-]+)\s*\)$/.exec(plain) ?? []
  return other === undefined ? parseColour(plain) : colourOf(other, variables, scheme, depth + 1)
}

function parseColour(text: string): Colour | undefined {
  const named = { white: '#ffffff', black: '#000000' }[text.toLowerCase()] ?? text
  const [, short] = /^#([0-9a-f]{3})$/i.exec(named) ?? []
  const hex = short ? short.replaceAll(/./g, '$&$&') : named.slice(1)
  if (named.startsWith('#') && /^[0-9a-f]{6}$/i.test(hex)) {
    return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Colour
  }
  const [, ...parts] = /^rgb\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)\s*\)$/.exec(named) ?? []
  return parts.length === 3 ? (parts.map(Number) as unknown as Colour) : undefined
}

/** From 1 (the same) to 21 (black on white). */
function contrast(a: Colour, b: Colour): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
