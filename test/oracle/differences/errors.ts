/** Differences in errors, in users and in the options of indexes. */
import type { DifferenceRow } from '../differences.ts'
import { generic, messageOf } from './telling-apart.ts'

export const errors = {
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
  'plain-authcheck': {
    what: 'What `+authcheck` allows is answered with a line of text.',
    source: 'devpi-http 4.5',
    points: /^(body|headers\.content-type)/,
    fits: ({ step, ours, theirs }) =>
      step.ask === 'GET /+authcheck' && ours.status === 200 && theirs.status === 200,
  },
  'stricter-values': {
    what:
      'Refused with 400: titles, e-mails and descriptions of users that are no text, password hashes that no password ' +
      'fits, an object where a list is sent, edits without `=`, control characters in addresses.',
    source: 'decision 8',
  },
  'stricter-names': {
    what: 'A name has at most 128 characters, is not made of dots alone, and has none that nobody sees: two would look alike.',
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
} as const satisfies Readonly<Record<string, DifferenceRow>>
