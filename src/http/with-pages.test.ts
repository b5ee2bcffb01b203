import assert from 'node:assert/strict'
import { test } from 'node:test'
import { get, post, type Call, type Route } from './route.ts'
import { withPages } from './with-pages.ts'

const answers = (text: string) => () => ({ status: 200, body: text })
const likesPages = ({ headers }: Call): boolean => headers.accept === 'text/html'

const callOf = (method: string, accept?: string, url = '/ada/'): Call =>
  ({ method, headers: { accept }, raw: { url }, prefix: '/below' }) as unknown as Call

async function ask(route: Route | undefined, call: Call) {
  return route?.handle(call)
}

test('a page stands in for the answer of its address where it is preferred', async () => {
  const [route] = withPages(
    [get('/:user', answers('json'))],
    [get('/:user', answers('page'))],
    likesPages,
  )

  assert.equal((await ask(route, callOf('GET', 'text/html')))?.body, 'page')
  assert.equal((await ask(route, callOf('GET')))?.body, 'json')
})

test('a page changes nothing for other methods, and answers everybody where there is nothing else', async () => {
  const routes = withPages(
    [post('/:user', answers('made'))],
    [get('/:user', answers('page')), post('/+login', answers('form'))],
    likesPages,
  )

  assert.deepEqual(
    routes.map(({ methods, path }) => [methods[0], path]),
    [
      ['POST', '/:user'],
      ['GET', '/:user'],
      ['POST', '/+login'],
    ],
  )
  assert.equal((await ask(routes[0], callOf('POST', 'text/html')))?.body, 'made')
  assert.equal((await ask(routes[1], callOf('GET')))?.body, 'page')
})

test('who would have a page, and asks with a slash at the end, is sent to the address without it', async () => {
  const [slashed] = withPages(
    [get('/:user/', answers('json'))],
    [get('/:user', answers('page'))],
    likesPages,
  )

  const sent = await ask(slashed, callOf('GET', 'text/html', '/ada/?page=2'))
  assert.deepEqual([sent?.status, sent?.headers?.['Location']], [302, '/below/ada?page=2'])
  assert.equal((await ask(slashed, callOf('GET')))?.body, 'json')
})
