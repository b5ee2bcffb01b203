/** Project pages printed as HTML: PEP 503 with the attributes that PEP 592, 629, 714, 740 and 792 added. */
import { escapeHtml } from './html-escape.ts'
import { API_VERSION, type PageFile, type PrintedPage, type ProjectPage } from './simple-page.ts'
import { atOnce, inPortions, type Steps } from './steps.ts'

export interface HtmlOptions {
  readonly title?: string
  /** HTML that stands before the links. */
  readonly intro?: string
  /** A text before each link. */
  readonly labels?: readonly string[]
}

export const printProjectHtml = (page: ProjectPage, options?: HtmlOptions): string =>
  atOnce(writeProjectHtml(page, options))

/** The same in steps. */
export function* writeProjectHtml(
  page: Omit<PrintedPage, 'versions'>,
  options: HtmlOptions = {},
): Steps<string> {
  const title = escapeHtml(options.title ?? `Links for ${page.name}`)
  const { status, reason } = page.status ?? {}
  const labels = options.labels?.values()
  // Each portion is one piece of memory: strings that are put together bit by bit lie in thousands.
  const links: string[] = []
  for (const portion of inPortions(page.files)) {
    links.push(portion.map((file) => printLabel(labels?.next().value) + printAnchor(file)).join(''))
    yield
  }
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="pypi:repository-version" content="${API_VERSION}">
${printMeta('pypi:project-status', status)}${printMeta('pypi:project-status-reason', reason)}<title>${title}</title>
</head>
<body>
<h1>${title}</h1>
${options.intro ?? ''}${links.join('')}</body>
</html>
`
}

function printMeta(name: string, content: string | undefined): string {
  return content ? `<meta name="${name}" content="${escapeHtml(content)}">\n` : ''
}

function printLabel(label: string | undefined): string {
  return label === undefined ? '' : `${escapeHtml(label)} `
}

function printAnchor(file: PageFile): string {
  const { filename, url, requiresPython, yanked, coreMetadata, provenance, gpgSig } = file
  let line = `<a href="${escapeHtml(url)}${printFragment(file)}"`
  if (requiresPython) line += ` data-requires-python="${escapeHtml(requiresPython)}"`
  if (yanked) line += ` data-yanked="${yanked === true ? '' : escapeHtml(yanked)}"`
  if (coreMetadata) {
    const value = coreMetadata === true ? 'true' : (printHash(coreMetadata) ?? 'true')
    line += ` data-dist-info-metadata="${value}" data-core-metadata="${value}"`
  }
  if (provenance) line += ` data-provenance="${escapeHtml(provenance)}"`
  if (gpgSig !== undefined) line += ` data-gpg-sig="${gpgSig}"`
  return `${line}>${escapeHtml(filename)}</a><br>\n`
}

function printFragment({ hashes }: PageFile): string {
  const hash = printHash(hashes)
  return hash === undefined ? '' : `#${hash}`
}

/** In order of preference. An algorithm not listed here makes uv refuse the whole page. */
const fragmentAlgorithms = ['sha256', 'sha512', 'sha384', 'md5'] as const

function printHash(hashes: Readonly<Record<string, string>>): string | undefined {
  const algorithm = fragmentAlgorithms.find((one) => hashes[one] !== undefined)
  return algorithm && escapeHtml(`${algorithm}=${hashes[algorithm]}`)
}
