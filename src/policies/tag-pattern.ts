/** Patterns of the tags in a wheel's name, in which `*` stands for anything. */
import { Mistake } from '#plugins/options'

export interface TagPattern {
  readonly text: string
  means(tag: string): boolean
}

/** `manylinux*_x86_64`, `win*`, `any`. */
export function readPlatform(member: string): TagPattern | Mistake {
  const text = member.trim().toLowerCase()
  const stray = /[^a-z0-9_*]/.exec(text)
  const at = (stray ?? findUnnumbered(text))?.index ?? (text === '' ? 0 : undefined)
  if (at === undefined && isBareWord(text)) {
    return new Mistake(
      `no wheel has the platform tag '${text}'; there are ${EXAMPLES}, or ${text}_*`,
    )
  }
  if (at === undefined) return patternOf(text, text)
  const problem = `character ${at + 1} can be in no platform tag`
  return new Mistake(`${problem} as in wheels’ names, such as ${EXAMPLES}; * stands for anything`)
}

/** All others say which processor they are for. */
const whole = new Set(['any', 'win32'])

const isBareWord = (text: string): boolean => !/[_*]/.test(text) && !whole.has(text)

const EXAMPLES = 'manylinux_2_28_x86_64, macosx_11_0_arm64, win_amd64, any'

/** Of these there are only tags with the version that a machine must have at least. */
const findUnnumbered = (text: string): RegExpExecArray | null =>
  /(?<=^(?:manylinux|musllinux|macosx)_)(?!\*|\d+_[\d*]|\d+\*)/.exec(text)

/** `cp312`, `cp313-cp313t`, `py3-none`, `*-abi3`. */
export function readPythonTag(member: string): TagPattern | Mistake {
  const text = member.trim().toLowerCase()
  const stray = /[^a-z0-9_*-]|(?<=-.*)-|^-|-$/.exec(text)
  if (stray || text === '') {
    return new Mistake(`character ${(stray?.index ?? 0) + 1} can be in no tag such as cp312-abi3`)
  }
  return patternOf(text, text.includes('-') ? text : `${text}-*`)
}

function patternOf(text: string, pattern: string): TagPattern {
  const parts = pattern.split('*')
  return { text, means: (tag) => isMeant(parts, tag) }
}

/** Without a regular expression, which many stars make slow. */
function isMeant(parts: readonly string[], tag: string): boolean {
  const [first = '', ...others] = parts
  const last = others.pop()
  if (last === undefined) return tag === first
  if (!tag.startsWith(first)) return false
  let at = first.length
  for (const part of others) {
    const found = tag.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return tag.endsWith(last) && tag.length - last.length >= at
}
