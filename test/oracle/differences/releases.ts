/** Differences in uploads, documentation, files and pushes. */
import type { DifferenceRow } from '../differences.ts'
import { messageOf } from './telling-apart.ts'

export const releases = {
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
  'filename-of-project': {
    what:
      'The name of a file has to be that of its project and go on with a separator, where devpi-server is content if ' +
      'it begins so.',
    source: 'decision 8',
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
  'own-error-page': {
    what: 'What is not found is said on a page of our own, where devpi-web has one of its own.',
    source: 'devpi-http 1.3',
    points: /^body\.(title|message)$/,
    fits: ({ ours, theirs }) => {
      const [said = ''] = messageOf(ours.body).split(/ (?:The project \S+ on \S+|Search for) /)
      const words = said.replace(/ All indexes.*/s, '')
      return (
        ours.status === 404 &&
        messageOf(theirs.body).includes(`could not be found: ${words} devpi-server-`)
      )
    },
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
  ranges: {
    what: 'Files have an `ETag`, and conditional and range requests are answered.',
    source: 'devpi-http 1.2',
    fits: ({ ours, theirs }) => [206, 304].includes(ours.status) && theirs.status === 200,
  },
} as const satisfies Readonly<Record<string, DifferenceRow>>
