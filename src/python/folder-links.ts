/** The folders that a page lists directly below its own address, as web servers list them, by the project they are named for. */
import { anchorParser, piecesOf } from './html-anchors.ts'
import { parseName, type ProjectName } from './name.ts'
import { decodePart } from './page-field.ts'
import type { Steps } from './steps.ts'

/** By normalised name; of two spellings the first. */
export function* readFolders(html: string, pageUrl: string): Steps<Map<ProjectName, string>> {
  const folders = new Map<ProjectName, string>()
  const base = new URL('.', pageUrl)
  const parser = anchorParser({
    onAnchor({ href }) {
      const url = href === undefined ? null : URL.parse(href, base)
      if (!url || !url.href.startsWith(base.href)) return
      const [folder = '', ...below] = url.pathname.slice(base.pathname.length).split('/')
      if (below.join('/') !== '' || below.length !== 1) return
      const name = parseName(decodePart(folder) ?? '')
      if (name !== undefined && !folders.has(name)) folders.set(name, url.href)
    },
  })
  for (const piece of piecesOf(html)) {
    parser.write(piece)
    yield
  }
  parser.end()
  return folders
}
