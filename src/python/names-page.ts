/** Lists of project names, printed while they come. */
import { escapeHtml } from './html-escape.ts'
import { API_VERSION } from './simple-page.ts'

export type NameBatches = AsyncIterable<readonly string[]> | Iterable<readonly string[]>

export interface NamesPage {
  readonly format: 'json' | 'html'
  readonly title: string
  /** What leads from the page's address to the folder of its projects. */
  readonly prefix?: string
}

/** A list in pieces: head, names as they come, end. Names must be normal: they are the addresses too. */
export async function* printNames(page: NamesPage, batches: NameBatches): AsyncGenerator<string> {
  const { head, entry, separator, end } = page.format === 'json' ? jsonFrame : htmlFrame(page)
  yield head
  let isFirst = true
  for await (const batch of batches) {
    if (batch.length === 0) continue
    yield (isFirst ? '' : separator) + batch.map(entry).join(separator)
    isFirst = false
  }
  yield end
}

export interface NamesSection {
  readonly heading: string
  readonly batches: NameBatches
}

/** As HTML, in sections with a heading each. */
export async function* printSections(
  title: string,
  sections: readonly NamesSection[],
): AsyncGenerator<string> {
  const { head, entry, end } = htmlFrame({ title })
  yield head
  for (const { heading, batches } of sections) {
    yield `<h2>${escapeHtml(heading)}</h2>\n`
    for await (const batch of batches) yield batch.map(entry).join('')
  }
  yield end
}

interface Frame {
  readonly head: string
  readonly entry: (name: string) => string
  readonly separator: string
  readonly end: string
}

const jsonFrame: Frame = {
  head: `{"meta":{"api-version":"${API_VERSION}"},"projects":[`,
  entry: (name) => `{"name":${JSON.stringify(name)}}`,
  separator: ',',
  end: ']}',
}

const htmlFrame = ({ title, prefix = '' }: Omit<NamesPage, 'format'>): Frame => ({
  head: `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="pypi:repository-version" content="${API_VERSION}">
<title>${escapeHtml(title)}</title>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
`,
  // poetry takes the address for the name, others the text: both say the same.
  entry: (name) => `<a href="${escapeHtml(prefix)}${name}/">${name}</a><br>\n`,
  separator: '',
  end: '</body>\n</html>\n',
})
