/** Wheelyard against the devpi-server whose API it has: the same requests, and the same answers but for what is meant. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { startApi } from '../support/api.ts'
import { startDevpiServer } from '../support/upstream.ts'
import { Speaker, type Heard, type Step } from './devpi-conversation.ts'
import { indexSteps } from './indexes.steps.ts'
import { userSteps } from './users.steps.ts'

test('users, indexes and logins answer as those of devpi-server do', async () => {
  await using api = await startApi()
  await using devpi = await startDevpiServer()
  const ours = new Speaker(api.app.url)
  const theirs = new Speaker(devpi.url())

  const unexpected: unknown[] = []
  for (const step of [...userSteps, ...indexSteps]) {
    const [here, there] = [await ours.say(step), await theirs.say(step)]
    const isSame = isDeepStrictEqual(here, there)
    const why = step.differs ?? general.find(({ fits }) => fits(step, here, there))?.why
    // An exception that is none any more must go, and nothing excuses a crash.
    const isMeant = isSame ? step.differs === undefined : why !== undefined
    if (!isMeant || here.status >= 500) {
      unexpected.push({ step, here, there })
    }
  }

  assert.equal(unexpected.length, 0, unexpected.map((one) => JSON.stringify(one)).join('\n'))
})

interface Difference {
  readonly why: string
  readonly fits: (step: Step, here: Heard, there: Heard) => boolean
}

/** What differs in many places for one reason. */
const general: readonly Difference[] = [
  {
    why: 'devpi-server crashes on input that is refused here (section 11)',
    fits: (_step, here, there) => there.status === 500 && [400, 401].includes(here.status),
  },
  {
    why: 'devpi-web is installed beside it and makes pages of its errors',
    fits: (_step, here, there) => there.status === 404 && here.status === 404 && isPage(there),
  },
  {
    why: 'devpi-web shows a page to those who do not ask for JSON before all else',
    fits: ({ accept }, here, there) =>
      accept !== undefined && there.status === 200 && isPage(there) && !isPage(here),
  },
  {
    why: 'devpi-web shows a page, and here nothing is offered but JSON',
    fits: ({ accept }, here, there) =>
      accept === 'text/html' && there.status === 200 && here.status === 404,
  },
  {
    why: 'devpi-web redirects to addresses without a slash',
    fits: ({ ask }, here, there) =>
      ask.endsWith('/') && there.status === 302 && [200, 404].includes(here.status),
  },
  {
    why: 'a message names the field as well',
    fits: (_step, here, there) =>
      here.status === there.status && messageOf(here).startsWith(messageOf(there)),
  },
  {
    why: 'a message shows an object of the program in place of a name',
    fits: (_step, here, there) =>
      here.status === there.status && messageOf(there).includes('<devpi_server.'),
  },
]

const isPage = ({ type }: Heard): boolean => type === 'text/html; charset=utf-8'

function messageOf({ body }: Heard): string {
  const { message } = body as { message?: unknown }
  return typeof message === 'string' ? message : 'none'
}
