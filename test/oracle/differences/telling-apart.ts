/** What the table of differences looks at. */
import type { Heard } from '../heard.ts'

/** What the framework that devpi-server stands on says of itself. */
export const generic =
  /^(The resource could not be found\.|Access was denied|The resource was found at|This server could not verify|The server could not comply)/

export function messageOf(body: unknown): string {
  const { message } = (body ?? {}) as { message?: unknown }
  return typeof message === 'string' ? message : ''
}

export const isStreamed = ({ headers }: Heard): boolean => headers['x-accel-buffering'] === 'no'

/** The files of what is shown and what it shadows, each once. */
export function onlyOnce(body: unknown): readonly string[] {
  const { result } = body as { result?: Shown }
  const all = [result, ...(result?.['+shadowing'] ?? [])]
  const files = all.map((one) => Object.keys(one?.['+links'] ?? {}).join(' '))
  return [...new Set(files)]
}

interface Shown {
  readonly '+links'?: object
  readonly '+shadowing'?: readonly Shown[]
}

export function isHash(value: unknown): boolean {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '')
  return /^(sha256=|\{"sha256":")[0-9a-f]{64}/.test(text)
}

export function isInstaller(headers: Readonly<Record<string, string>> = {}): boolean {
  return /\b(pip|uv|setuptools|pex|distribute)\//.test(headers['user-agent'] ?? '')
}

export function sorted(body: unknown): string {
  const { order = [] } = body as { order?: readonly string[] }
  return order.toSorted().join('\n')
}

export function pathOf(location: unknown): string {
  return String(location).replace(
    /(ROOT|relative |https:\/\/(example\.org|out\.example))(\/sub|\/pre)?/,
    '',
  )
}

/** Of the address of a page of a list. */
export const lastPart = (href: unknown): string =>
  /^relative .*\/([^/]+)\/$/.exec(String(href))?.[1] ?? ''
