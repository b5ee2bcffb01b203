/** Lists of project names, printed while they come. */
import { escapeHtml } from './html-escape.ts'
import { API_VERSION } from './simple-page.ts'

/** A list in pieces: head, names as they come, end. Names must be normal: they are the addresses too. */
export async function* printNames(
  format: 'json' | 'html',
  title: string,
  batches: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
): AsyncGenerator<string> {
  const { head, entry, separator, end } = format === 'json' ? jsonFrame : htmlFrame(title)
  yield head
  let isFirst = true
  for await (const batch of batches) {
    if (batch.length === 0) continue
    yield (isFirst ? '' : separator) + batch.map(entry).join(separator)
    isFirst = false
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

const htmlFrame = (title: string): Frame => ({
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
  entry: (name) => `<a href="${name}/">${name}</a><br>\n`,
  separator: '',
  end: '</body>\n</html>\n',
})
