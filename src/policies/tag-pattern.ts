/** Patterns of the tags in a wheel's name, in which `*` stands for anything. */
import { Mistake } from '#plugins/options'

export interface TagPattern {
  readonly text: string
  means(tag: string): boolean
}

/** `linux_*_x86_64`, `win*`, `any`. */
export function readPlatform(member: string): TagPattern | Mistake {
  const text = member.trim().toLowerCase()
  const stray = /[^a-z0-9_.*-]/.exec(text)
  if (stray) return new Mistake(`character ${stray.index + 1} can be in no platform tag`)
  return patternOf(text, text.replaceAll(/[.-]/g, '_'))
}

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
