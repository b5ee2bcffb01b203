/** A server as a team has it: projects of their own over a mirror of real wheels, documentation and test results. */
import { startApi, type Api } from '../../test/support/api.ts'
import { makeDocs, sendDocs } from '../../test/support/docs.ts'
import { realWheels } from '../../test/support/real-tree.ts'
import { startStaticIndex } from '../../test/support/static-index.ts'
import { firstResult, sendToxresult } from '../../test/support/toxresults.ts'
import { sendFile, urlOf, type Fields } from '../../test/support/upload.ts'
import { makeSdist, makeWheel, type Distribution } from '../../test/support/wheel.ts'
import { code, docs, projects, readme } from './texts.ts'

export interface Showcase extends AsyncDisposable {
  readonly api: Api
  /** A wheel of the release that is shown. */
  readonly wheel: Distribution
  /** The page of a test result of it. */
  readonly result: string
}

const OLDER = ['1.0', '1.1', '1.2', '2.0rc1', '2.0'] as const
const NEWEST = '2.1'

export async function startShowcase(): Promise<Showcase> {
  const upstream = await startStaticIndex(await realWheels())
  const api = await startApi()
  await makeIndexes(api, upstream.url('simple/'))
  const wheel = await addProjects(api)
  const result = await addResults(api, wheel)
  await sendDocs(
    api,
    makeDocs(docs),
    { name: 'anchor', version: NEWEST },
    { index: 'harbour/prod' },
  )
  for (const project of ['httpx', 'jinja2', 'attrs', 'rich', 'packaging', 'idna']) {
    await api.get(`/root/pypi/+simple/${project}/`)
  }
  await api.app.search.caughtUp()
  return {
    api,
    wheel,
    result,
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]()
      await upstream.close()
    },
  }
}

async function makeIndexes(api: Api, mirrorUrl: string): Promise<void> {
  const mirror = { type: 'mirror', mirror_url: mirrorUrl, title: 'Everything that is public' }
  await api.makeIndex('root/pypi', mirror)
  const prod = { title: 'What our ships run', bases: ['root/pypi'], custom_data: { order: 1 } }
  await api.makeIndex('harbour/prod', prod)
  const staging = {
    title: 'Release candidates',
    bases: ['harbour/prod'],
    custom_data: { order: 2 },
  }
  await api.makeIndex('harbour/staging', staging)
  await api.makeIndex('ada/dev', { title: 'What Ada works on', bases: ['harbour/staging'] })
  await api.makeIndex('grace/dev', { title: 'What Grace works on', bases: ['harbour/staging'] })
  const team = { group: 'Teams', order: 1 }
  const people = { group: 'People', order: 2 }
  const says: Readonly<Record<string, object>> = {
    harbour: { title: 'Harbour Software', custom_data: team },
    ada: { title: 'Ada Lovelace', custom_data: people },
    grace: { title: 'Grace Hopper', custom_data: people },
  }
  for (const [user, json] of Object.entries(says)) await api.patch(`/${user}`, { as: user, json })
}

async function addProjects(api: Api): Promise<Distribution> {
  const upload = async (index: string, file: Distribution, fields: Fields) => {
    const { status, text } = await sendFile(api, index, file, fields)
    if (status !== 200) throw new Error(`${status} ${text}`)
  }
  for (const { name, version, summary } of projects) {
    await upload('harbour/prod', makeWheel(name, version), { name, version, summary })
  }
  const of = (version: string): Fields => ({ ...anchor, name: 'anchor', version })
  for (const version of OLDER) {
    const index = version === '2.0rc1' ? 'harbour/staging' : 'harbour/prod'
    const needs = version.startsWith('1') ? ['chain>=1'] : ['chain>=2']
    await upload(index, anchorWheel(version), { ...of(version), requires_dist: needs })
  }
  const wheel = anchorWheel(NEWEST)
  await upload('harbour/prod', wheel, of(NEWEST))
  await upload('harbour/prod', makeSdist('anchor', NEWEST), of(NEWEST))
  await api.put('/harbour/prod/anchor/1.2/+yank', {
    as: 'harbour',
    json: { reason: 'slips on gravel' },
  })
  return wheel
}

const anchorWheel = (version: string): Distribution =>
  makeWheel('anchor', version, {
    content: code(version),
    extraFiles: {
      'anchor_tools/__init__.py': '',
      'anchor_tools/windlass.py': code(version),
      'anchor_tools/data/weights.csv': 'kind,kilograms\ndanforth,12\nadmiralty,3000\n',
    },
  })

const anchor: Fields = {
  summary: 'Drops anchors, and weighs them again',
  description: readme,
  description_content_type: 'text/markdown',
  author: 'Ada Lovelace',
  author_email: 'ada@harbour.example',
  license_expression: 'MIT',
  keywords: 'sea,ship,anchor',
  requires_python: '>=3.10',
  classifiers: [
    'Development Status :: 5 - Production/Stable',
    'Framework :: AsyncIO',
    'Programming Language :: Python :: 3',
    'Programming Language :: Python :: 3.13',
  ],
  project_urls: [
    'Homepage, https://anchor.example/',
    'Source, https://git.harbour.example/anchor',
    'Changes, https://anchor.example/changes',
  ],
  requires_dist: ['chain>=2', 'httpx>=0.27', 'rope[steel]; python_version < "3.12"'],
}

async function addResults(api: Api, wheel: Distribution): Promise<string> {
  const run = (retcode: number, output: string) => [
    { command: ['pytest', '-q', 'tests'], output, retcode },
  ]
  const setup = [{ command: ['pip', 'install', wheel.filename], output: '', retcode: 0 }]
  const testenvs = {
    py313: {
      python: { version: '3.13.7 (main)' },
      setup,
      test: run(0, '........................ [100%]\n24 passed in 1.32s\n'),
    },
    py310: {
      python: { version: '3.10.18 (main)' },
      setup,
      test: run(
        1,
        '.......F................ [100%]\nFAILED tests/test_windlass.py::test_depth - assert 41 == 42\n1 failed, 23 passed in 1.57s\n',
      ),
    },
  }
  const sent = { host: 'drydock-2', platform: 'linux', testenvs }
  await sendToxresult(api, urlOf(wheel, 'harbour/prod'), JSON.stringify(sent))
  return firstResult(api, `/harbour/prod/anchor/${NEWEST}/+toxresults/${wheel.filename}`)
}
