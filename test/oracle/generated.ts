/** Stories that nobody wrote: any users do anything to a few indexes, and read what became of it. */
import fc from 'fast-check'
import { project, roles, version, World, type Role } from './generated-world.ts'
import type { Step } from './step.ts'
import {
  logIn,
  makeIndex,
  pip,
  push,
  signUp,
  simpleJson,
  submit,
  upload,
  uploadDocs,
} from './telling.ts'

/** Said once to a pair of servers, before any generated steps. */
export const prologue: readonly Step[] = [logIn('root', ''), ...signUp('ann'), ...signUp('ben')]

/** What may be done, and how often beside the rest. */
const weights = {
  ...{ makeIndex: 3, changeIndex: 4, removeIndex: 1, makeUser: 1, changeUser: 1, removeUser: 1 },
  ...{ upload: 16, submit: 3, uploadDocs: 4, sendResult: 5, push: 10 },
  ...{ removeFile: 4, removeVersion: 2, removeProject: 1, read: 24 },
}

type Kind = keyof typeof weights

/** What is made up is small numbers; what they stand for depends on what was done before. */
export type Deed = readonly [kind: Kind, a: number, b: number, c: number, who: Role]

type Make = (world: World, deed: Deed) => Step | readonly Step[]

/** In the order of `deed`: what a, b and c choose from is the business of each kind. */
const kinds: Readonly<Record<Kind, Make>> = {
  makeIndex: (world, [, a, b, c, who]) =>
    world.sign(who, {
      ask: `PUT /${world.index(a)}`,
      json: {
        volatile: b % 3 !== 0,
        ...(c % 4 === 1 && { bases: [world.index(a + c), world.index(a + 2 * c)] }),
        ...(c % 3 === 0 && { acl_upload: ['ann', 'ben'] }),
      },
    }),
  changeIndex: (world, [, a, b, c, who]) =>
    world.sign(who, { ask: `PATCH /${world.index(a)}`, json: changes(world, b, c) }),
  removeIndex: (world, [, a, , , who]) => world.sign(who, { ask: `DELETE /${world.index(a)}` }),
  makeUser: (world, [, a]) => ({ ask: `PUT /${world.user(a)}`, json: { password: null } }),
  changeUser: (world, [, a, b, , who]) =>
    world.sign(who, { ask: `PATCH /${world.user(a)}`, json: { title: `title ${b % 2}` } }),
  removeUser: (world, [, a, , , who]) => world.sign(who, { ask: `DELETE /${world.user(a)}` }),
  upload: (world, [, a, b, c, who]) =>
    world.signed(who, (as) => upload(world.index(a), world.newFile(a, b, c), as)),
  submit: (world, [, a, b, c, who]) =>
    world.signed(who, (as) =>
      submit(world.index(a), { name: project(b), version: version(c) }, as),
    ),
  uploadDocs: (world, [, a, b, c, who]) => {
    const fields = { name: project(b), ...(c % 3 !== 0 && { version: version(c) }) }
    return world.signed(who, (as) => uploadDocs(world.index(a), world.newDocs(), { ...as, fields }))
  },
  sendResult: (world, [, a, b, , who]) =>
    world.sign(who, { ask: `POST ${world.file(a, b)}`, body: `{"run": ${b}}` }),
  push: (world, [, a, b, c, who]) => {
    const flags = [{}, {}, {}, { no_docs: true }, { only_docs: true }][(a + b) % 5]
    const { index, ...release } = world.release(b, c)
    // Not onto itself: devpi-server loses what the log says of a file with test results then.
    const target = [0, 1, 2].map((i) => world.index(a + i)).find((one) => one !== index)
    return world.sign(who, push(index, { ...release, targetindex: target, ...flags }))
  },
  removeFile: (world, [, a, b, c, who]) =>
    world.sign(who, { ask: `DELETE ${world.file(a, b)}${force(c)}` }),
  removeVersion: (world, [, a, b, c, who]) => {
    const { index, name, version: number } = world.release(b, c)
    return world.sign(who, { ask: `DELETE /${index}/${name}/${number}${force(a)}` })
  },
  removeProject: (world, [, a, b, c, who]) =>
    world.sign(who, { ask: `DELETE /${world.index(a)}/${project(b)}${force(c)}` }),
  read: (world, [, a, b, c, who]) => world.sign(who, reading(world, a, b, c)),
}

const force = (number: number): string => (number % 3 === 0 ? '?force' : '')

function changes(world: World, b: number, c: number): unknown {
  const all = [
    { volatile: b % 2 === 0 },
    { bases: [world.index(b)] },
    [`bases+=${world.index(b)}`],
    [`bases-=${world.index(b)}`],
    [`volatile=${b % 2 === 0}`, 'title=t'],
    ['acl_upload+=ben'],
    ['acl_upload-=ben'],
    { acl_toxresult_upload: b % 2 === 0 ? [] : [':AUTHENTICATED:'] },
  ]
  return all[c % all.length]
}

function reading(world: World, a: number, b: number, c: number): Step {
  const index = `/${world.index(a)}`
  const page = `${index}/+simple/${project(b)}`
  const all: readonly Step[] = [
    { ask: `GET ${index}` },
    { ask: `GET ${index}/${project(b)}` },
    { ask: `GET ${index}/${project(b)}?ignore_bases` },
    { ask: `GET ${index}/${project(b)}/${version(a + b)}` },
    { ask: `GET ${page}/`, accept: 'text/html' },
    { ask: `GET ${page}`, accept: '*/*', headers: pip },
    { ask: `GET ${page}/`, accept: simpleJson },
    { ask: `GET ${index}/+simple/`, accept: simpleJson },
    { ask: `GET ${world.file(a, b)}`, accept: '*/*' },
    { ask: `GET ${world.file(a, b)}` },
    { ask: `GET ${world.file(a, b)}.metadata` },
    { ask: `GET /${world.user(a)}` },
  ]
  return all[c % all.length]!
}

let runs = 0

/** The steps of deeds, on indexes of their own however often they are told. */
export function stepsOf(deeds: readonly Deed[]): Step[] {
  const world = new World(runs++)
  const both = { acl_upload: ['ann', 'ben'] }
  return [
    makeIndex(world.index(0), both),
    makeIndex(world.index(1), { ...both, bases: [world.index(0)] }),
    makeIndex(world.index(2), { ...both, bases: [world.index(1)], volatile: false }),
    ...deeds.flatMap((deed) => kinds[deed[0]](world, deed)),
  ]
}

const small = fc.nat({ max: 23 })

/** Mostly those who may. */
const anyRole = fc.oneof(
  { weight: 6, arbitrary: fc.constant('ann' as const) },
  { weight: 2, arbitrary: fc.constant('ben' as const) },
  { weight: 1, arbitrary: fc.constantFrom(...roles) },
)

const anyKind = fc.oneof(
  ...Object.entries(weights).map(([kind, weight]) => ({
    weight,
    arbitrary: fc.constant(kind as Kind),
  })),
)

export const anyDeeds: fc.Arbitrary<readonly Deed[]> = fc.array(
  fc.tuple(anyKind, small, small, small, anyRole),
  { minLength: 1, maxLength: 50, size: 'max' },
)
