/** The relative links of Markdown pages: the file is there, and so is the heading. */
import { posix } from 'node:path'
import type { SourceFile } from './repository.ts'

export function findLinkProblems(
  pages: readonly SourceFile[],
  exists: (path: string) => boolean,
): string[] {
  const headings = new Map(pages.map((page) => [page.path, headingsOf(page.text)]))
  return pages.flatMap(({ path, text }) =>
    relativeLinks(text).flatMap((link) => {
      const [file = '', fragment] = link.split('#')
      const target = file === '' ? path : posix.join(posix.dirname(path), decodeURI(file))
      if (!exists(target)) return [`${path}: the link ${link} leads nowhere`]
      const known = headings.get(target)
      const isMissing = fragment !== undefined && known && !known.has(fragment)
      return isMissing ? [`${path}: the link ${link} names no heading`] : []
    }),
  )
}

/** Links of running text; what stands in code is an example. */
function relativeLinks(text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z][a-z+.-]*:/i.test(link))
}

const withoutCode = (text: string): string =>
  text.replaceAll(/^(```|~~~).*?^\1/gms, '').replaceAll(/`[^`\n]*`/g, '')

/** As GitHub makes anchors of headings. */
function headingsOf(text: string): Set<string> {
  const slugs = new Set<string>()
  for (const [, heading = ''] of text.matchAll(/^#+ +(.+?) *#*$/gm)) {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
    let unique = slug
    for (let count = 1; slugs.has(unique); count++) unique = `${slug}-${count}`
    slugs.add(unique)
  }
  return slugs
}
