/** Code in colours: class names of highlight.js, for languages that packages are described with. */
import { createRequire } from 'node:module'
import { escapeHtml } from '#python/html-escape'

/** What is used of it. Its own types would bring a browser's global names into every file. */
interface Highlighter {
  registerLanguage(name: string, language: unknown): void
  registerAliases(names: readonly string[], options: { readonly languageName: string }): void
  getLanguage(name: string): unknown
  highlight(
    code: string,
    options: { readonly language: string; readonly ignoreIllegals: boolean },
  ): { readonly value: string }
}

const require = createRequire(import.meta.url)
const highlighter = require('highlight.js/lib/core') as Highlighter

const languages: readonly string[] = [
  ...['bash', 'c', 'cmake', 'cpp', 'csharp', 'css', 'diff', 'dockerfile', 'fortran', 'go', 'http'],
  ...['ini', 'java', 'javascript', 'json', 'julia', 'lua', 'makefile', 'markdown', 'nginx'],
  ...['powershell', 'python', 'python-repl', 'r', 'ruby', 'rust', 'shell', 'sql', 'typescript'],
  ...['xml', 'yaml'],
]

const aliases: Readonly<Record<string, readonly string[]>> = {
  python: ['python3', 'py3', 'cython', 'pyx'],
  'python-repl': ['pycon', 'pytb', 'ipython'],
  shell: ['shell-session'],
  ini: ['cfg', 'conf', 'config', 'properties', 'toml'],
  json: ['json5', 'jsonc'],
}

for (const name of languages) {
  highlighter.registerLanguage(name, require(`highlight.js/lib/languages/${name}`))
}
for (const [languageName, names] of Object.entries(aliases)) {
  highlighter.registerAliases(names, { languageName })
}

/** A block longer than this is data, and would cost more than its colours are worth. */
const LONGEST = 20_000

/** Escaped HTML of the code, coloured if the language is one of ours. */
export function highlightCode(code: string, language: string): string {
  if (code.length > LONGEST || !highlighter.getLanguage(language)) return escapeHtml(code)
  return highlighter.highlight(code, { language, ignoreIllegals: true }).value
}

/** Colours what stands in HTML of our own making as `<code class="language-NAME">` without further elements. */
export function highlightBlocks(html: string): string {
  return html.replace(
    /(<code class="language-([\w+#.-]+)">)([^<]*)(?=<\/code>)/g,
    (_whole, opening: string, language: string, code: string) =>
      opening + highlightCode(unescapeHtml(code), language),
  )
}

const characters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }

function unescapeHtml(html: string): string {
  return html.replace(/&(amp|lt|gt|quot);/g, (_whole, name: string) => characters[name]!)
}
