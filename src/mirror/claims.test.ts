/** How claimed names are compared with what upstreams offer. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openLedger } from '#ledger/open-ledger'
import { keys } from '#registry/keys'
import { makeTempFolder } from '../../test/support/temp.ts'
import { Claims } from './claims.ts'
import { LocalState } from './local-state.ts'
import { NameFile } from './name-file.ts'

const OUTSIDE = 'ada/outside'

/** So many indexes over one base, which has the projects; upstream offers `tools` and `zebra`. */
async function makeWorld(inheritors: number, projects: readonly string[]) {
  const temp = await makeTempFolder('claims')
  const ledger = await openLedger(temp.path)
  const local = LocalState.open(temp.join('mirrors.sqlite'))
  await writeFile(temp.join('names'), 'tools\nzebra\n')
  const names = await NameFile.open(temp.join('names'))
  await ledger.write('test', async (tx) => {
    const stage = {
      type: 'stage',
      volatile: false,
      acl_upload: [],
      acl_toxresult_upload: [],
      mirror_whitelist: [],
      mirror_whitelist_inheritance: 'intersection',
    } as const
    tx.set(keys.index(OUTSIDE), { type: 'mirror', volatile: false })
    tx.set(keys.index('ada/base'), { ...stage, bases: [OUTSIDE] })
    for (let number = 0; number < inheritors; number++) {
      tx.set(keys.index(`ada/dev${number}`), { ...stage, bases: ['ada/base'] })
    }
    for (const project of projects) tx.set(keys.project('ada/base', project), { name: project })
  })
  const log: string[] = []
  const write = (_: object, message: string): void => void log.push(message)
  let looks = 0
  const open = () =>
    new Claims({
      ledger,
      local,
      clock: { now: () => 0 },
      log: { debug: write, info: write, warn: write, error: write, flush: () => {} },
      list: async () => {
        looks++
        return names
      },
    })
  return {
    ledger,
    log,
    open,
    looks: () => looks,
    async [Symbol.asyncDispose]() {
      local.close()
      await ledger.close()
      await temp.remove()
    },
  }
}

test('a name is looked up once, however many indexes inherit it', async () => {
  await using world = await makeWorld(50, ['anchor', 'tools'])
  const claims = world.open()
  await claims.check()
  assert.deepEqual(
    claims.list().map(({ project, stage }) => [project, stage]),
    [['tools', 'ada/base']],
  )
  assert.equal(world.looks(), 2)

  await claims.check(new Set(['anchor', 'nothing']))
  assert.equal(world.looks(), 3)
})

test('a claimed name that upstream offers is told once, also after a restart, until it ends', async () => {
  await using world = await makeWorld(1, ['tools'])
  await world.open().check()
  const claims = world.open()
  assert.equal(claims.list().length, 1)
  await claims.check()
  assert.deepEqual(world.log, ['an upstream offers a project whose name a stage has claimed'])

  await world.ledger.write('test', async (tx) => tx.remove(keys.project('ada/base', 'tools')))
  await claims.check(new Set(['tools']))
  assert.deepEqual(claims.list(), [])
  assert.deepEqual(world.open().list(), [])
  assert.equal(world.log.length, 2)
})
