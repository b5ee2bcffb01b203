/** Differences in pages, redirects and core metadata. */
import { isDeepStrictEqual } from 'node:util'
import type { DifferenceRow } from '../differences.ts'
import { onlyOnce, isHash, isInstaller, sorted, pathOf, lastPart } from './telling-apart.ts'

export const pages = {
  'pages-for-people': {
    what:
      'Who likes HTML best, or takes anything, gets a page where devpi-server alone has JSON or nothing, as with devpi-web; ' +
      'errors are pages too, with the same status and words.',
    source: 'devpi-web 4',
    fits: ({ ours, theirs }, { path, ours: here, theirs: there }) => {
      if (ours.headers.vary !== 'Accept, Accept-Encoding, Cookie, User-Agent') return false
      if (ours.status === 200) return [200, 404, 415].includes(theirs.status)
      if (path === 'body.message') return String(here).startsWith(String(there))
      return /^headers\.(vary|cache-control)$/.test(path)
    },
  },
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
    source: 'index-standards 2.5',
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
  'relative-refresh': {
    what: 'The address behind the refresh button is relative: a page is kept for all who read it.',
    source: 'devpi-http 4.9',
    points: /^body\.refresh$/,
    fits: (_, { ours, theirs }) => pathOf(ours) === pathOf(theirs),
  },
} as const satisfies Readonly<Record<string, DifferenceRow>>
