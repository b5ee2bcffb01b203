/** A server on which there is a lot, and on which much is long or odd: what pages for people have to cope with. */
import { SIMPLE_JSON } from './policies.ts'
import { startApi, type Api } from './api.ts'
import { makeDocs, sendDocs } from './docs.ts'
import { body, byPath, startFakeUpstream } from './fake-upstream.ts'
import { firstResult, sendToxresult } from './toxresults.ts'
import { sendFile, type Fields } from './upload.ts'
import { makeSdist, makeWheel, type Distribution } from './wheel.ts'

export const VERSIONS = 3000
export const INDEXES = 300

const LONG_PROJECT =
  'a-project-whose-name-somebody-has-thought-about-for-a-rather-long-time-and-then-made-longer'
const LONG_WORD = 'Pneumonoultramicroscopicsilicovolcanoconiosis'.repeat(6)
const LONG_INDEX = 'an-index-with-the-name-of-a-whole-department-and-its-purpose-and-its-year-2026'

const readme = `# Anchor

Drops *anchors*, and **weighs** them again. See [the manual](https://anchor.example/) or \`anchor --help\`.

> [!NOTE]
> Anchors are heavy.

| Kind | Weight | Holds in | Costs | Used by | Since |
|:-----|-------:|----------|-------|---------|-------|
| Danforth | 12 kg | sand | 120 | yachts | 1948 |
| Admiralty | 3,000 kg | rock | 9,000 | ships and museums | 1700 |

\`\`\`python
import anchor

for link in anchor.chain(12, material='a steel that is described at length in this line of code, which is long'):
    print(link)
\`\`\`

- [x] drop
- [ ] weigh

![a picture elsewhere](https://pictures.example/anchor.png)

${LONG_WORD}

Term[^1] and <details><summary>More</summary>Hidden at first.</details>

[^1]: A note.
`

const anchorFields: Fields = {
  summary: 'Drops anchors, and weighs them again',
  description: readme,
  description_content_type: 'text/markdown',
  author: 'Ada Lovelace',
  author_email: 'Ada Lovelace <ada@example.com>',
  license: 'MIT',
  keywords: 'sea,ship,anchor',
  requires_python: '>=3.9',
  classifiers: ['Programming Language :: Python :: 3', 'License :: OSI Approved :: MIT License'],
  project_urls: [
    'Homepage, https://anchor.example/',
    `Changes, https://anchor.example/${LONG_WORD}`,
  ],
  requires_dist: ['chain>=2', 'rope[steel]; python_version < "3.12"', `${LONG_PROJECT}==1.0`],
}

export interface FullServer extends AsyncDisposable {
  readonly api: Api
  /** Every page that can be read without a login, and one of each kind. */
  readonly pages: readonly string[]
  /** Forms and what else is for `ada`, who is logged in. */
  readonly ownPages: readonly string[]
}

export async function startFullServer(): Promise<FullServer> {
  const upstream = await startUpstream()
  const api = await startApi({ indexes: ['team/prod', 'ada/dev', 'eve/hidden'] })
  await api.makeIndex('root/far', { type: 'mirror', mirror_url: upstream.url('simple/') })
  await makeIndexes(api)
  const wheel = await addAnchor(api)
  await addOdd(api)
  const { results, result } = await addResults(api, wheel)
  await api.app.search.caughtUp()

  const release = '/ada/dev/anchor/1.1'
  const inside = `${release}/+contents/${wheel.filename}`
  return {
    api,
    pages: [
      ...['/', '/ada', '/crowd3', '/ada/dev', '/team/prod', '/root/far', `/ada/${LONG_INDEX}`],
      ...['/ada/dev/anchor', '/ada/dev/chronicle', '/root/far/chronicle', release],
      ...['/ada/dev/anchor/1.0', `/ada/dev/${LONG_PROJECT}`, `/ada/dev/${LONG_PROJECT}/1.0`],
      ...['/root/far/chronicle/1.2999', inside, `${inside}/anchor/deep/er/`, `${inside}/anchor.py`],
      ...['/ada/dev/anchor/+diff', '/ada/dev/anchor/+diff/1.0/1.1', `${release}/+d/index.html`],
      ...[results, result, '/ada/dev/+explain/anchor', '/ada/dev/+explain/chronicle', '/+status'],
      ...['/+changes', '/ada/dev/+changes'],
      ...[
        '/+search?query=anchor',
        '/+search?query=nothing-at-all',
        '/+search?query=',
        '/+searchhelp',
      ],
      ...['/+inheritance', '/+login', '/nobody', '/ada/nothing', '/ada/dev/nothing', '/eve/hidden'],
    ],
    ownPages: [
      ...['/', '/ada', '/ada/dev', release, '/ada/+new-index', '/ada/+edit', '/ada/+password'],
      ...['/ada/+delete', '/ada/dev/+upload', '/ada/dev/+edit', `${release}/+push`],
      ...[`${release}/+yank`, `${release}/+delete`, '/ada/dev/anchor/+delete', '/eve/hidden'],
    ],
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]()
      await upstream.close()
    },
  }
}

/** One project with thousands of versions. */
function startUpstream() {
  const files = Array.from({ length: VERSIONS }, (_, at) => ({
    filename: `chronicle-1.${at}-py3-none-any.whl`,
    url: `/f/chronicle-1.${at}-py3-none-any.whl`,
    hashes: { sha256: at.toString(16).padStart(64, '0') },
    size: 1000 + at,
    'upload-time': new Date(Date.UTC(2020, 0, 1) + at * 7_200_000).toISOString(),
    'requires-python': '>=3.8',
    ...(at % 50 === 7 ? { yanked: 'brown paper bag' } : {}),
  }))
  const page = { meta: { 'api-version': '1.4' }, name: 'chronicle', versions: [], files }
  const list = { meta: { 'api-version': '1.4' }, projects: [{ name: 'chronicle' }] }
  const json = (what: unknown) => body(JSON.stringify(what), { type: SIMPLE_JSON })
  return startFakeUpstream(byPath({ '/simple/': json(list), '/simple/chronicle/': json(page) }))
}

async function makeIndexes(api: Api): Promise<void> {
  await api.patch('/ada/dev', {
    as: 'ada',
    json: {
      bases: ['team/prod', 'root/far'],
      title: 'What Ada works on',
      custom_data: { owner: 'Ada', purpose: LONG_WORD, tags: ['one', 'two'] },
      newest_versions: 2900,
    },
  })
  await api.makeIndex(`ada/${LONG_INDEX}`, { title: LONG_WORD, bases: ['ada/dev'] })
  await api.patch('/eve/hidden', { as: 'eve', json: { acl_read: ['eve'] } })
  const perUser = 20
  for (let at = 0; at < INDEXES; at++) {
    const user = `crowd${Math.floor(at / perUser)}`
    const base = at % perUser === 0 ? 'team/prod' : `${user}/index${at - 1}`
    await api.makeIndex(`${user}/index${at}`, { bases: [base], title: `Number ${at}` })
  }
}

async function upload(api: Api, index: string, file: Distribution, fields: Fields): Promise<void> {
  const { status, text } = await sendFile(api, index, file, fields)
  if (status !== 200) throw new Error(`${status} ${text}`)
}

async function addAnchor(api: Api): Promise<Distribution> {
  const of = (version: string, more: Fields = {}): Fields => ({
    ...anchorFields,
    name: 'anchor',
    version,
    ...more,
  })
  const inner = {
    'anchor/deep/er/data.txt': `${'long line '.repeat(60)}\n`,
    'anchor/tool.so': '\0',
  }
  const wheel = makeWheel('anchor', '1.1', {
    extraFiles: inner,
    content: 'def drop():\n    pass\n',
  })
  await upload(api, 'ada/dev', makeWheel('anchor', '1.0'), of('1.0', { description: '' }))
  await upload(api, 'ada/dev', wheel, of('1.1'))
  await upload(api, 'ada/dev', makeSdist('anchor', '1.1'), of('1.1'))
  await upload(api, 'team/prod', makeWheel('anchor', '0.9'), of('0.9'))
  const docs = { 'index.html': '<title>Manual</title><h1>Anchors</h1><p>How to weigh</p>' }
  await sendDocs(api, makeDocs(docs), { name: 'anchor', version: '1.1' })
  return wheel
}

/** Releases of which little is known, and those whose every word is long. */
async function addOdd(api: Api): Promise<void> {
  const long: Fields = {
    summary: LONG_WORD,
    keywords: LONG_WORD,
    author: LONG_WORD,
    license: LONG_WORD,
  }
  const fields = { name: LONG_PROJECT, version: '1.0', ...long }
  await upload(api, 'ada/dev', makeWheel(LONG_PROJECT, '1.0'), fields)
  const local = `1.0.post20260101+${'local.build.'.repeat(6)}1`
  await upload(api, 'ada/dev', makeWheel(LONG_PROJECT, local), { ...fields, version: local })
  for (let at = 0; at < 30; at++) {
    const name = `bare${at}`
    await upload(api, 'team/prod', makeWheel(name, '1.0'), { name, version: '1.0' })
  }
}

async function addResults(api: Api, { sha256, filename }: Distribution) {
  const file = `/ada/dev/+f/${sha256.slice(0, 3)}/${sha256.slice(3, 16)}/${filename}`
  const output = `${'x'.repeat(400)}\n1 passed\n`.repeat(5)
  const test = (retcode: number) => [{ command: ['pytest', '-q'], output, retcode }]
  const python = { version: '3.11.2 (main)' }
  for (const retcode of [1, 0]) {
    const testenvs = { py311: { python, setup: [], test: test(retcode) } }
    const sent = { host: 'builder', platform: 'linux', testenvs }
    await sendToxresult(api, file, JSON.stringify(sent))
  }
  const results = `/ada/dev/anchor/1.1/+toxresults/${filename}`
  return { results, result: await firstResult(api, results) }
}
