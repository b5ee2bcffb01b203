import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '#base/log'
import type { Ledger } from '#ledger/ledger'
import { openLedger } from '#ledger/open-ledger'
import { makeTempFolder } from '../../test/support/temp.ts'
import type { IndexChange, IndexFollower, RunningHook } from './hooks.ts'
import { startIndexFollower } from './index-followers.ts'
import { createOptions } from './index-options.ts'
import type { IndexName } from './indexes.ts'
import { keys } from './keys.ts'

interface Rig extends AsyncDisposable {
  readonly ledger: Ledger
  start(hear: IndexFollower['hear']): Promise<RunningHook>
  set(name: IndexName, body: Readonly<Record<string, unknown>> | undefined): Promise<void>
}

async function openRig(): Promise<Rig> {
  const folder = await makeTempFolder('followers')
  const ledger = await openLedger(folder.path)
  const running: RunningHook[] = []
  return {
    ledger,
    async start(hear) {
      const hook = await startIndexFollower(
        { name: 'listener', hear },
        {
          ledger,
          folder: `${folder.path}/followers`,
          log: createLog({ level: 'silent' }),
          clock: { now: () => 7 },
          patience: { wait: () => Promise.resolve() },
        },
      )
      running.push(hook)
      return hook
    },
    set: (name, body) =>
      ledger.write('ada', async (tx) => {
        if (body) tx.set(keys.index(name), createOptions('ada', body))
        else tx.remove(keys.index(name))
      }),
    async [Symbol.asyncDispose]() {
      for (const hook of running) await hook.close()
      await ledger.close()
      await folder.remove()
    },
  }
}

/** Keeps what it hears, and tells when that was enough. */
function listener() {
  const heard: IndexChange[] = []
  let wanted = Infinity
  let enough = Promise.withResolvers<void>()
  return {
    heard,
    hear: async (change: IndexChange): Promise<void> => {
      heard.push(change)
      if (heard.length >= wanted) enough.resolve()
    },
    async until(count: number): Promise<string[]> {
      wanted = count
      enough = Promise.withResolvers<void>()
      if (heard.length < count) await enough.promise
      return heard.map((one) => `${one.what} ${'index' in one ? one.index : one.user}`)
    },
  }
}

test('each change is told after its commit, with the options before and after', async () => {
  await using rig = await openRig()
  const ear = listener()
  await rig.start(ear.hear)

  await rig.set('ada/dev', { title: 'one' })
  await rig.set('ada/dev', { title: 'two' })
  await rig.set('ada/dev', undefined)

  assert.deepEqual(await ear.until(3), [
    'index-created ada/dev',
    'index-modified ada/dev',
    'index-deleted ada/dev',
  ])
  const [, second] = ear.heard
  assert.ok(second?.what === 'index-modified')
  assert.deepEqual([second.before.title, second.after.title], ['one', 'two'])
  assert.deepEqual([second.serial, second.actor], [1, 'ada'])
})

test('what is there already is told as created, the first time alone', async () => {
  await using rig = await openRig()
  await rig.set('ada/dev', {})
  await rig.set('ada/prod', {})
  const first = listener()
  const hook = await rig.start(first.hear)
  await first.until(2)
  await rig.set('ada/ci', {})
  await first.until(3)
  await hook.close()

  await rig.set('ada/dev', undefined)
  const second = listener()
  await rig.start(second.hear)

  const told = (await second.until(1)).filter((one) => one !== 'index-created ada/ci')
  if (told.length === 0) await second.until(2)
  assert.equal(second.heard.at(-1)?.what, 'index-deleted')
})

test('what a hook refuses is told again, before anything else', async () => {
  await using rig = await openRig()
  const ear = listener()
  let failures = 3
  await rig.start(async (change) => {
    if (failures-- > 0) throw new Error('not now')
    await ear.hear(change)
  })

  await rig.set('ada/dev', {})
  await rig.set('ada/prod', {})

  assert.deepEqual(await ear.until(2), ['index-created ada/dev', 'index-created ada/prod'])
})

test('a hook that never ends keeps no writer waiting, and does not keep the server from closing', async () => {
  await using rig = await openRig()
  const begun = Promise.withResolvers<void>()
  const hook = await rig.start(() => {
    begun.resolve()
    return new Promise(() => {})
  })

  await rig.set('ada/dev', {})
  await begun.promise
  await rig.set('ada/prod', {})
  await hook.close()

  const again = listener()
  await rig.start(again.hear)
  assert.deepEqual(await again.until(2), ['index-created ada/dev', 'index-created ada/prod'])
})

test('secrets are not handed over', async () => {
  await using rig = await openRig()
  const ear = listener()
  await rig.start(ear.hear)

  await rig.set('ada/mirror', {
    type: 'mirror',
    mirror_url: 'https://name:secret@up.example/simple/',
    mirror_token: 'secret-token',
  })

  await ear.until(1)
  assert.doesNotMatch(JSON.stringify(ear.heard), /secret/)
})
