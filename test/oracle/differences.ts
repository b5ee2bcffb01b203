/**
 * Where Wheelyard's answers are not devpi-server's, on purpose: the only excuses that the comparison knows.
 * A step names one with `differs`; those with `fits` are met wherever they fit. `docs/reference/devpi-differences.md`
 * is printed from this table.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Compared, Point } from './compare.ts'
import type { Heard } from './heard.ts'

export interface Difference {
  readonly id: DifferenceId
  /** What is different, for users. */
  readonly what: string
  /**
   * A defect of devpi-http section 11, a decision marked there (`→ do`), a section of index-standards, or a page
   * of docs/decisions.
   */
  readonly source: string
  /** The places where it may show; without it, anywhere. */
  readonly points?: RegExp
  readonly fits?: (compared: Compared, point: Point) => boolean
}

type Row = Omit<Difference, 'id'>

const rows = {
  // errors
  'refuses-instead-of-crashing': {
    what: 'Input that crashes devpi-server (500) is answered: mostly refused with 400 or 404.',
    source: 'devpi-http 11',
    fits: ({ ours, theirs }) => theirs.status === 500 && (ours.status < 500 || ours.status === 502),
  },
  'refused-changes-nothing': {
    what:
      'A request that is refused changes nothing. devpi-server commits for refusals too: an upload that is refused ' +
      'with 409 replaces the metadata of its version.',
    source: 'decision 4',
    points: /^(commits|body)/,
    fits: ({ ours, theirs }, { path }) =>
      path === 'commits' && ours.status >= 400 && ours.commits === 0 && theirs.commits > 0,
  },
  'framework-text': {
    what: 'An error that has no message of its own is explained in other words.',
    source: 'devpi-http 1.3, kind C',
    points: /^body\.message$/,
    fits: ({ theirs }) => generic.test(messageOf(theirs.body)),
  },
  'object-in-message': {
    what: 'Messages hold names, where some of devpi-server hold an object of the program.',
    source: 'devpi-http 1.3 → do',
    points: /^(body\.(message|title|code)|reason)$/,
    fits: (_, { theirs }) => /<(devpi_server|webob)\.|<NormalizedName|URL\('/.test(String(theirs)),
  },
  'reason-in-body': {
    what: 'A refused upload says in the body too what its reason phrase says.',
    source: 'devpi-http 1.3, kind D',
    points: /^body(\.message)?$/,
    fits: ({ ours, theirs }, point) =>
      ours.reason === theirs.reason && messageOf(ours.body) === ours.reason && point.theirs === '',
  },
  'field-in-message': {
    what: 'A message about the value of an option names the option as well.',
    source: 'decision 8',
    points: /^body\.message$/,
    fits: (_, { ours, theirs }) => String(ours).startsWith(`${String(theirs)} It was given for`),
  },
  'stricter-values': {
    what:
      'Refused with 400: titles, e-mails and descriptions of users that are no text, password hashes that no password ' +
      'fits, an object where a list is sent, edits without `=`, control characters in addresses.',
    source: 'decision 8',
  },
  'stricter-names': {
    what: 'A name has at most 128 characters and is not made of dots alone.',
    source: 'decision 8',
  },
  'hides-credentials': {
    what: "The credentials of a mirror's upstream are shown to nobody but those who may change the mirror.",
    source: 'decision 8',
    points: /mirror_url$/,
  },
  'mirror-needs-url': {
    what: 'A mirror is not made without `mirror_url`.',
    source: 'devpi-http 4.7 → do',
  },
  'clean-outside-url': {
    what: 'A slash at the end of `X-Outside-Url` is not doubled.',
    source: 'devpi-http 1.9',
    points: /^body\.result/,
  },

  // pages
  'page-headers': {
    what: 'Simple pages have an `ETag` and `Cache-Control: no-cache`, come compressed, and `Vary` names `Accept-Encoding`.',
    source: 'index-standards 1.7',
    points: /^headers\.(vary|cache-control|pragma|last-modified)$/,
    fits: ({ ours, theirs }, { path, ours: here }) =>
      [ours.status, theirs.status].every((status) => status === 200) &&
      (path === 'headers.vary'
        ? here === 'Accept, Accept-Encoding, User-Agent'
        : path !== 'headers.cache-control' || here === 'no-cache') &&
      /simple|text\/html/.test(ours.headers['content-type'] ?? ''),
  },
  'page-version': {
    what: 'JSON pages are of version 1.4: with `size`, `upload-time`, `versions` and `meta._last-serial`.',
    source: 'index-standards 1.3',
    points:
      /^body\.(meta\.(api-version|_last-serial|project-status.*)|versions|files\..*\.(size|upload-time|provenance)|project-status)$/,
    fits: (_, { theirs }) => theirs === undefined || theirs === '1.0',
  },
  'core-metadata-always': {
    what: 'Core metadata needs no option.',
    source: 'devpi-http 4.18 → do',
  },
  'core-metadata-hash': {
    what: 'Core metadata is advertised with its hash.',
    source: 'devpi-http 4.18 → do',
    points: /\.(data-core-metadata|data-dist-info-metadata|core-metadata)$/,
    fits: (_, { ours, theirs }) => isHash(ours) && (theirs === 'true' || theirs === true),
  },
  'core-metadata-unread': {
    what: 'A wheel without readable metadata is not said to have any.',
    source: 'devpi-http 4.18 → do',
    points: /\.(data-core-metadata|data-dist-info-metadata|core-metadata)$/,
  },
  'no-empty-requires-python': {
    what: 'A file that asks for no Python version has no `requires-python`, where devpi-server has an empty one.',
    source: 'index-standards 1.2',
    points: /\.(data-)?requires-python$/,
    fits: (_, { ours, theirs }) => ours === undefined && theirs === '',
  },
  'file-says-requires-python': {
    what:
      'What a file asks for is read from the file itself. devpi-server has it from the form of the last upload, for ' +
      'all files of the version.',
    source: 'decision 4',
    points: /\.(data-)?requires-python$/,
  },
  'installer-page': {
    what: 'Pages for installers have a title, and lines without the name of the index.',
    source: 'index-standards 1.2',
    points: /^body\.(title|heading|links\..*\.before)$/,
    fits: ({ step }) => isInstaller(step.headers),
  },
  'links-to-pages': {
    what: 'A list of projects without a slash in its address links to the Simple pages, and not to the short addresses.',
    source: 'index-standards 1.1',
    points: /^body\.links\.[^.]+\.attributes\.href$/,
    fits: (_, { ours, theirs }) => lastPart(ours) !== '' && lastPart(ours) === lastPart(theirs),
  },
  'json-is-varied': {
    what: 'A redirect that only some get is told apart by `Vary` with all that it depends on.',
    source: 'index-standards 1.7',
    points: /^headers\.vary$/,
    fits: ({ ours }, { ours: here }) => ours.status === 302 && here === 'Accept, User-Agent',
  },
  'shadowing-once': {
    what: 'A base that is reached in two ways is asked once.',
    source: 'devpi-http 5.1 → do',
    points: /\.\+shadowing/,
    fits: ({ ours, theirs }) => isDeepStrictEqual(onlyOnce(ours.body), onlyOnce(theirs.body)),
  },
  'no-store': {
    what: 'What a file says of itself in JSON is not to be kept by caches.',
    source: 'decision 8',
    points: /^headers\.cache-control$/,
    fits: ({ theirs }, { ours, theirs: there }) =>
      ours === 'no-store' && there === undefined && typeof theirs.body === 'object',
  },
  'wrong-method': {
    what: 'A method that an address does not have is 404 for files too, where devpi-server takes any.',
    source: 'decision 5',
  },
  'metadata-type': {
    what: 'Core metadata has a content type.',
    source: 'devpi-http 4.18 → do',
    points: /^headers\.content-type$/,
    fits: ({ step, ours }, { theirs }) =>
      step.ask.endsWith('.metadata') &&
      ours.status === 200 &&
      /^(undefined|application\/octet-stream)$/.test(String(theirs)),
  },
  'installer-order': {
    what: 'Installers get files by name. Theirs is no order that counts.',
    source: 'devpi-http 4.9',
    points: /^body\.order/,
    fits: ({ ours, theirs }) => sorted(ours.body) === sorted(theirs.body),
  },
  'encoded-links': {
    what: 'Links are percent-encoded as installers do it: `+` is `%2B`.',
    source: 'index-standards 1.1',
    points: /\.(href|url|location)$/,
    fits: (_, { ours, theirs }) =>
      decodeURIComponent(String(ours)) === decodeURIComponent(String(theirs)),
  },
  negotiation: {
    what:
      'The form of a Simple page follows the standard: 406 where `Accept` takes none, HTML by its own type too, and ' +
      'JSON before HTML where both are named and liked alike.',
    source: 'index-standards 1.6',
    fits: ({ ours, theirs }) => ours.status === 406 && [200, 302, 404].includes(theirs.status),
  },
  'redirect-text': {
    what: 'The body of a redirect is empty or a line of text.',
    source: 'devpi-http 1.3, kind C',
    points: /^(body|headers\.content-type)/,
    fits: ({ ours, theirs }) => ours.status === theirs.status && ours.status === 302,
  },
  'keeps-query': {
    what: 'A redirect to the normal form of a name keeps the query.',
    source: 'devpi-http 1.7 → do',
    points: /^headers\.location$/,
    fits: (_, { ours, theirs }) => String(ours).split('?')[0] === theirs,
  },
  'relative-location': {
    what: 'Redirects between pages and the refresh button are relative, so that they fit every proxy.',
    source: 'devpi-http 1.9',
    points: /^(headers\.location|body\.refresh)$/,
    fits: (_, { ours, theirs }) => pathOf(ours) === pathOf(theirs),
  },

  // uploads and files
  'newer-metadata': {
    what: 'Metadata 2.5 is kept too: `import_name` and `import_namespace`.',
    source: 'index-standards 2.5',
    points: /\.import_name(space)?$/,
    fits: (_, { theirs }) => theirs === undefined,
  },
  'form-spellings': {
    what:
      "Both spellings of a list field count, as today's programs send them (`provides_extra`, `license_files`), and " +
      '`UNKNOWN` is no member of a list.',
    source: 'index-standards 3.1',
    points: /^body\.result\.(platform|license_file|provides_extras)\b/,
  },
  'action-optional': {
    what: 'A form with a file is an upload, with `:action` or without.',
    source: 'index-standards 3.1',
  },
  'no-form': {
    what: 'What is sent to an index and is neither JSON nor a form is refused with 415.',
    source: 'index-standards 9.9',
  },
  'same-again': {
    what: 'The same file again changes nothing, also where it might be overwritten.',
    source: 'decision 8',
    points: /^(commits|body\.result\.\+links)/,
  },
  'success-without-body': {
    what: 'An upload that brings nothing new has its reason phrase, and an empty body like any other.',
    source: 'devpi-http 4.16',
    points: /^(body|headers\.content-type)$/,
    fits: ({ step, ours, theirs }) =>
      step.ask.startsWith('POST') &&
      ours.body === 'EMPTY' &&
      ours.status === 200 &&
      theirs.reason === ours.reason,
  },
  'checks-digests': {
    what: 'Digests that a form names are compared with the file.',
    source: 'devpi-http 4.16 → do',
  },
  'no-path-in-filename': {
    what: 'File names with path separators or control characters are refused.',
    source: 'devpi-http 11',
  },
  'documentation-headers': {
    what:
      'Pages of documentation depend on `Accept`, have no `Last-Modified`, and their `ETag` and `Cache-Control` also with ' +
      'a 304. A `+` stays one in redirects.',
    source: 'decision 9',
    points: /^headers\.(vary|last-modified|etag|cache-control|location)$/,
    fits: ({ step }, { path, ours, theirs }) =>
      /\/(\+|%2B)d(oc)?\//.test(step.ask) &&
      (path !== 'headers.location' || decodeURIComponent(String(theirs)) === ours),
  },
  'refuses-hostile-zips': {
    what: 'A zip of documentation that is made to harm is refused with 400.',
    source: 'decision 9',
  },
  'no-web-page': {
    what: 'Where devpi-web shows a page of its own for what is not found, the same words stand on a plain one.',
    source: 'devpi-http 1.3',
    points: /^body\.(title|message)$/,
    fits: ({ ours, theirs }) =>
      ours.status === 404 &&
      messageOf(theirs.body).includes(`could not be found: ${messageOf(ours.body)} devpi-server-`),
  },
  'login-for-external-push': {
    what: 'Only who is logged in pushes to another server.',
    source: 'devpi-http 3.3 → do',
  },
  'told-why-unreachable': {
    what: 'A push to a server that is not there says why, also when the project is registered first.',
    source: 'devpi-http 4.17',
    points: /^body\.result\.0\./,
  },
  'upstream-fails-above': {
    what:
      "An upstream that fails is 502 through a stage too, where devpi-server leaves the mirror's files out: an " +
      'installer would take that for "there is none".',
    source: 'decision 7',
    fits: ({ ours, theirs }) =>
      ours.status === 502 && theirs.status === 200 && JSON.stringify(theirs.body).includes('{}'),
  },
  'listed-but-missing': {
    what: "A project that upstream's list names and whose page is 404 there is 404 here, and no page without files.",
    source: 'decision 7',
  },
  'removed-is-gone': {
    what: "A file that was removed from a mirror is on no page. devpi-server's page goes on offering it.",
    source: 'decision 8',
    points: /^body\.(files|order)/,
  },
  'gone-with-the-index': {
    what: 'A file of a removed mirror is 410 too, where devpi-server says 404 if it had lost the file before.',
    source: 'devpi-http 4.14',
  },
  'time-before-download': {
    what: 'A file of a mirror has a `last_modified` before it was ever fetched.',
    source: 'devpi-http 4.14',
    points: /^body\.result\.last_modified$/,
    fits: (_, { theirs }) => theirs === undefined,
  },
  'immutable-at-once': {
    what:
      'A file that is streamed from upstream has the headers of a stored one at once: its last byte is sent when ' +
      'its hash is right.',
    source: 'devpi-http 6.5 → do',
    points: /^headers\.(cache-control|x-accel-buffering)$/,
    // Whether a file is still on its way into the store when it is asked for again is a matter of moments.
    fits: ({ ours, theirs }) => [ours, theirs].some(isStreamed),
  },
  'filters-headers': {
    what: "Neither do a client's credentials reach an upstream, nor an upstream's cookies a client.",
    source: 'devpi-http 11',
    points: /^headers\.(set-cookie|x-accel-buffering|cache-control)$/,
    fits: ({ step, ours }) => step.ask.endsWith('.metadata') && ours.status === 200,
  },
  'core-metadata-of-mirrors': {
    what: "A mirror's wheel that is here has core metadata, read from it, whatever the mirror's upstream offers.",
    source: 'index-standards 1.5',
    points: /\.(data-core-metadata|data-dist-info-metadata|core-metadata)$/,
    fits: (_, { ours, theirs }) => isHash(ours) && theirs === undefined,
  },
  'bare-yank': {
    what: 'A file that is yanked without a reason is yanked in JSON too.',
    source: 'devpi-http 4.9 → do',
    points: /\.yanked$/,
    fits: (_, { ours, theirs }) => ours === true && theirs === '',
  },
  ranges: {
    what: 'Files have an `ETag`, and conditional and range requests are answered.',
    source: 'devpi-http 1.2',
    fits: ({ ours, theirs }) => [206, 304].includes(ours.status) && theirs.status === 200,
  },
} as const satisfies Readonly<Record<string, Row>>

export type DifferenceId = keyof typeof rows

export const differences: readonly Difference[] = Object.entries<Row>(rows).map(([id, row]) => ({
  ...row,
  id: id as DifferenceId,
}))

/** What the framework that devpi-server stands on says of itself. */
const generic =
  /^(The resource could not be found\.|Access was denied|The resource was found at|This server could not verify|The server could not comply)/

function messageOf(body: unknown): string {
  const { message } = (body ?? {}) as { message?: unknown }
  return typeof message === 'string' ? message : ''
}

const isStreamed = ({ headers }: Heard): boolean => headers['x-accel-buffering'] === 'no'

/** What is shadowed, each once. */
function onlyOnce(body: unknown): unknown {
  const { result } = body as { result?: { '+shadowing'?: readonly unknown[] } }
  const { '+shadowing': shadowed = [], ...first } = result ?? {}
  return [first, ...shadowed].filter(
    (one, i, all) => all.findIndex((other) => isDeepStrictEqual(one, other)) === i,
  )
}

function isHash(value: unknown): boolean {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '')
  return /^(sha256=|\{"sha256":")[0-9a-f]{64}/.test(text)
}

function isInstaller(headers: Readonly<Record<string, string>> = {}): boolean {
  return /\b(pip|uv|setuptools|pex|distribute)\//.test(headers['user-agent'] ?? '')
}

function sorted(body: unknown): string {
  const { order = [] } = body as { order?: readonly string[] }
  return order.toSorted().join('\n')
}

function pathOf(location: unknown): string {
  return String(location).replace(
    /(ROOT|relative |https:\/\/(example\.org|out\.example))(\/sub|\/pre)?/,
    '',
  )
}

/** Of the address of a page of a list. */
const lastPart = (href: unknown): string => /^relative .*\/([^/]+)\/$/.exec(String(href))?.[1] ?? ''
