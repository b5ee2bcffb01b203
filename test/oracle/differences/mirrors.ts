/** Differences in mirrors. */
import type { DifferenceRow } from '../differences.ts'
import { isStreamed, isHash } from './telling-apart.ts'

export const mirrors = {
  'tells-upstreams': {
    what:
      '`+status` has a list of the upstreams that failed when they were asked last, of claimed names that upstreams offer (how many, and to who may change the stage which), ' +
      'and how much of what was shown of ' +
      'mirrors told all that there is to tell; and of the processes that `--workers` starts.',
    source: 'decision 11',
    fits: ({ step }) => step.ask.endsWith(' /+status'),
    points: /^body\.result\.(upstreams|claimed_names|claimed_count|coverage|mirror_count|workers)$/,
  },
  'tells-promotions': {
    what:
      '`+status` tells which server was promoted in the place of this one, what was set aside for it, and how many files ' +
      'were missing when this one was promoted.',
    source: 'devpi-replication 16',
    fits: ({ step }) => step.ask.endsWith(' /+status'),
    points: /^body\.result\.(replaced|missing-since-promotion|missing-files|set-aside)$/,
  },
  'upstream-fails-above': {
    what:
      "An upstream that fails is 502 through a stage too, where devpi-server leaves the mirror's files out: an " +
      'installer would take that for "there is none".',
    source: 'index-standards 7.1',
    fits: ({ ours, theirs }) =>
      ours.status === 502 && theirs.status === 200 && JSON.stringify(theirs.body).includes('{}'),
  },
  'listed-but-missing': {
    what: "A project that upstream's list names and whose page is 404 there is 404 here, and no page without files.",
    source: 'index-standards 7.1',
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
  'breaks-wrong-files': {
    what: 'A file whose content is not what upstream said breaks the connection before its last byte.',
    source: 'devpi-http 6.5 → do',
    points: /^(status|reason|body|headers\.)/,
  },
  'unchanged-is-whole': {
    what: 'A list of names that upstream says is unchanged stays whole.',
    source: 'devpi-http 11',
  },
  'filters-headers': {
    what: "Neither do a client's credentials reach an upstream, nor an upstream's cookies a client.",
    source: 'devpi-http 11',
    points: /^(headers\.(set-cookie|x-accel-buffering|cache-control)|upstream)/,
    fits: ({ step, ours }, { path, ours: here, theirs }) =>
      path.startsWith('upstream')
        ? String(theirs).replace(/ with (the cookie \S+|a login)/g, '') === here
        : step.ask.endsWith('.metadata') && ours.status === 200,
  },
  'core-metadata-of-mirrors': {
    what: "A mirror's wheels have core metadata, read from them where the mirror's upstream offers none.",
    source: 'index-standards 1.5',
    points: /\.(data-core-metadata|data-dist-info-metadata|core-metadata)$/,
    fits: (_, { ours, theirs }) =>
      (isHash(ours) || ours === 'true' || ours === true) && theirs === undefined,
  },
  'requires-python-of-mirrors': {
    what: "What a mirror's wheel asks for is read from it where the mirror's upstream does not tell.",
    source: 'index-standards 1.2',
    points: /\.((data-)?requires-python|requires_python)$/,
    fits: (_, { ours, theirs }) => typeof ours === 'string' && theirs === undefined,
  },
  'core-metadata-made': {
    what: "The core metadata of a mirror's wheel is served without `mirror_provides_core_metadata`, made from the wheel.",
    source: 'index-standards 1.5',
  },
  'bare-yank': {
    what: 'A file that is yanked without a reason is yanked in JSON too.',
    source: 'devpi-http 4.9 → do',
    points: /\.yanked$/,
    fits: (_, { ours, theirs }) => ours === true && theirs === '',
  },
} as const satisfies Readonly<Record<string, DifferenceRow>>
