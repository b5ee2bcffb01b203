/** What publishers and installers see, with the tools they use. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ada, type DistributionFile, type Login } from '../support/client.ts'
import { makePoetry, makeUv, twine } from '../support/clients.ts'
import { assertDone, assertFailed, assertInstalls, installerNames } from '../support/installers.ts'
import type { RunResult } from '../support/process.ts'
import { flitPublish, hatchPublish, pdmPublish } from '../support/publishers.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

type Publish = (
  files: readonly DistributionFile[],
  url: string,
  login?: Login,
) => Promise<RunResult>

/** Those that send files as they are given. flit sends only what it has built itself. */
const publishers: Readonly<Record<string, Publish>> = {
  twine: (files, url, login) => twine.upload(files, url, login),
  async uv(files, url, login) {
    await using uv = await makeUv()
    return await uv.publish(files, url, login)
  },
  async poetry(files, url, login) {
    await using poetry = await makePoetry()
    return await poetry.publish(files, url, login)
  },
  hatch: hatchPublish,
  pdm: pdmPublish,
}

const wrongLogin: Login = { ...ada, password: 'wrong' }

describe('pip, uv and poetry install what was uploaded', () => {
  for (const [name, publish] of Object.entries(publishers)) {
    test(`with ${name}`, async () => {
      await using yard = await startYard({ stages: ['ada/dev'] })
      const files = [makeWheel('an-chor', '1.0'), makeSdist('an-chor', '1.0')]

      assertDone(await publish(files, yard.url('ada/dev/')))

      assert.deepEqual(await listFiles(yard.url('ada/dev/+simple/an-chor/')), [
        'an_chor-1.0-py3-none-any.whl',
        'an_chor-1.0.tar.gz',
      ])
      const from = yard.url('ada/dev/+simple/')
      for (const installer of installerNames) {
        await assertInstalls(installer, 'An.Chor==1.0', { from, expected: ['an_chor-1.0'] })
      }
    })
  }

  test('with flit, which builds a wheel and an sdist before', async () => {
    await using yard = await startYard({ stages: ['ada/dev'] })

    assertDone(await flitPublish({ name: 'anchor', version: '1.0' }, yard.url('ada/dev/')))

    assert.deepEqual(await listFiles(yard.url('ada/dev/+simple/anchor/')), [
      'anchor-1.0-py3-none-any.whl',
      'anchor-1.0.tar.gz',
    ])
    const from = yard.url('ada/dev/+simple/')
    for (const installer of installerNames) {
      await assertInstalls(installer, 'anchor', { from, expected: ['anchor-1.0'] })
    }
  })
})

describe('a released file cannot be replaced, and sending it again is no error', () => {
  const told = /anchor-1\.0-py3-none-any\.whl already exists in non-volatile index/
  const words: Readonly<Record<string, RegExp>> = {
    twine: told,
    uv: told,
    poetry: told,
    pdm: /409/,
  }

  for (const [name, says] of Object.entries(words)) {
    test(`with ${name}`, async () => {
      await using yard = await startYard({ stages: ['ada/dev'] })
      const { url, original, changed } = releaseOf(yard)

      assertDone(await publishers[name]!([original], url))
      assertDone(await publishers[name]!([original], url))
      assertFailed(await publishers[name]!([changed], url), says)

      assert.deepEqual(await listDigests(yard), [original.sha256])
    })
  }

  test('hatch looks at the page before, and does not even send it', async () => {
    await using yard = await startYard({ stages: ['ada/dev'] })
    const { url, original, changed } = releaseOf(yard)

    assertDone(await hatchPublish(original, url))
    const again = await hatchPublish(changed, url)

    assert.match(again.output, /anchor-1\.0-py3-none-any\.whl \.\.\. already exists/)
    assert.deepEqual(await listDigests(yard), [original.sha256])
  })

  function releaseOf(yard: Yard) {
    const original = makeWheel('anchor', '1.0', { content: 'text = "original"\n' })
    const changed = makeWheel('anchor', '1.0', { content: 'text = "changed"\n' })
    return { url: yard.url('ada/dev/'), original, changed }
  }

  async function listDigests(yard: Yard): Promise<string[]> {
    const { files } = await readPage(yard.url('ada/dev/+simple/anchor/'))
    return files.map((file) => file.hashes.sha256)
  }
})

test('a file of a volatile index is replaced, and installers get the new one', async () => {
  await using yard = await startYard({ stages: [{ name: 'ada/dev', volatile: true }] })
  const changed = makeWheel('anchor', '1.0', { requiresDist: ['chain'] })

  assertDone(await twine.upload(makeWheel('anchor', '1.0'), yard.url('ada/dev/')))
  assertDone(await twine.upload([changed, makeWheel('chain', '1.0')], yard.url('ada/dev/')))

  const from = yard.url('ada/dev/+simple/')
  await assertInstalls('pip', 'anchor', { from, expected: ['anchor-1.0', 'chain-1.0'] })
})

describe('a wrong password is told, and nothing is stored', () => {
  for (const [name, publish] of Object.entries(publishers)) {
    test(`with ${name}`, async () => {
      await using yard = await startYard({ stages: ['ada/dev'] })

      const upload = await publish([makeWheel('anchor', '1.0')], yard.url('ada/dev/'), wrongLogin)

      assertFailed(upload, /401/)
      const page = await fetch(yard.url('ada/dev/+simple/anchor/'))
      assert.equal(page.status, 404)
    })
  }
})

test('who may not upload is told so', async () => {
  await using yard = await startYard({ stages: ['ada/dev', 'bea/dev'] })

  const upload = await twine.upload(makeWheel('anchor', '1.0'), yard.url('bea/dev/'), ada)

  assertFailed(upload, /403[^]*no permission to submit/)
})

test('an upload to an index that is not there fails', async () => {
  await using yard = await startYard({ stages: ['ada/dev'] })

  const upload = await twine.upload(makeWheel('anchor', '1.0'), yard.url('ada/prod/'))

  assertFailed(upload, /404 Not Found/)
})

test('what was uploaded is there after a restart', async () => {
  await using yard = await startYard({ stages: ['ada/dev'] })
  assertDone(await twine.upload(makeWheel('anchor', '1.0'), yard.url('ada/dev/')))

  await yard.restart()

  const from = yard.url('ada/dev/+simple/')
  await assertInstalls('uv', 'anchor', { from, expected: ['anchor-1.0'] })
})

interface Page {
  readonly files: readonly {
    readonly filename: string
    readonly hashes: { readonly sha256: string }
  }[]
}

async function readPage(url: string): Promise<Page> {
  const response = await fetch(url, { headers: { accept: 'application/vnd.pypi.simple.v1+json' } })
  assert.equal(response.status, 200)
  return (await response.json()) as Page
}

async function listFiles(url: string): Promise<string[]> {
  return (await readPage(url)).files.map((file) => file.filename).toSorted()
}
