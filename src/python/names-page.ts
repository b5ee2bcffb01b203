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
  const { head, print, separator, end } = page.format === 'json' ? jsonFrame : htmlFrame(page)
  yield head
  let isFirst = true
  for await (const batch of batches) {
    if (batch.length === 0) continue
    yield (isFirst ? '' : separator) + print(batch)
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
  const { head, print, end } = htmlFrame({ title })
  yield head
  for (const { heading, batches } of sections) {
    yield `<h2>${escapeHtml(heading)}</h2>\n`
    for await (const batch of batches) yield print(batch)
  }
  yield end
}

interface Frame {
  readonly head: string
  readonly print: (names: readonly string[]) => string
  readonly separator: string
  readonly end: string
}

const jsonFrame: Frame = {
  head: `{"meta":{"api-version":"${API_VERSION}"},"projects":[`,
  // Normal names have nothing to be escaped.
  print: (names) => `{"name":"${names.join('"},{"name":"')}"}`,
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
  print: (names) => {
    const start = `<a href="${escapeHtml(prefix)}`
    return names.map((name) => `${start}${name}/">${name}</a><br>\n`).join('')
  },
  separator: '',
  end: '</body>\n</html>\n',
})
