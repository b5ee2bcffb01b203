/** The hook `indexChanged`: plugins hear of indexes and users through the whole server. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexFollowerOf } from '#plugins/index-follower'
import { definePlugin, type IndexChange } from '#plugins/plugin'
import { startApi } from '../support/api.ts'

/** A plugin that keeps what it hears. */
function makePlugin() {
  const heard: string[] = []
  const waiting: { readonly line: string; readonly resolve: () => void }[] = []
  const plugin = definePlugin({
    name: 'listener',
    indexOptions: {},
    hooks: {
      async indexChanged(change: IndexChange) {
        const line = `${change.what} ${'index' in change ? change.index : change.user}`
        heard.push(line)
        for (const one of waiting) if (one.line === line) one.resolve()
      },
    },
  })
  const until = (line: string): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (heard.includes(line)) resolve()
    waiting.push({ line, resolve })
    return promise
  }
  return { heard, until, hooks: { indexChanged: indexFollowerOf(plugin) } }
}

test('a plugin hears of indexes and of a user that is deleted with them', async () => {
  const { heard, until, hooks } = makePlugin()
  await using api = await startApi({ hooks })

  await api.makeIndex('ada/dev', { volatile: true })
  await api.patch('/ada/dev', { as: 'ada', json: { title: 'Development' } })
  await api.del('/ada', { as: 'ada' })
  await until('user-deleted ada')

  assert.deepEqual(heard, [
    'index-created ada/dev',
    'index-modified ada/dev',
    'index-deleted ada/dev',
    'user-deleted ada',
  ])
})

test('after a restart it goes on where it was', async () => {
  const { heard, until, hooks } = makePlugin()
  await using api = await startApi({ hooks })
  await api.makeIndex('ada/dev')
  await until('index-created ada/dev')

  await api.restart()
  await api.makeIndex('ada/prod')
  await until('index-created ada/prod')

  assert.equal(heard.at(-1), 'index-created ada/prod')
  assert.ok(heard.filter((line) => line === 'index-created ada/dev').length <= 2)
})
