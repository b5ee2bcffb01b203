/** Where somebody begins to read documentation that has no `index.html` at its top. */

/** Start pages by their names, the likeliest first. */
const NAMES = ['index.html', 'index.htm', 'readme.html', 'contents.html', 'main.html']

/** The likeliest of a zip's paths; undefined where none is likelier than others. */
export function findDocsEntry(paths: Iterable<string>): string | undefined {
  const pages = [...paths].filter((path) => /\.html?$/i.test(path))
  const top = pages.filter((path) => !path.includes('/'))
  const named = NAMES.flatMap((name) => top.find((path) => path.toLowerCase() === name) ?? [])
  if (named[0] !== undefined) return named[0]
  if (top.length > 0) return top.length === 1 ? top[0] : undefined
  return soleShallowest(pages.filter((path) => /\/index\.html?$/i.test(path)))
}

/** What was zipped with its folder begins in that. */
function soleShallowest(paths: readonly string[]): string | undefined {
  const depth = (path: string): number => path.split('/').length
  const least = Math.min(...paths.map(depth))
  const found = paths.filter((path) => depth(path) === least)
  return found.length === 1 ? found[0] : undefined
}
