/** Pushing a release or one of its files to another index. */
import type { Call } from '#http/route'
import type { Ledger } from '#ledger/ledger'
import { mayUpload } from '#registry/access'
import { indexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { Reading } from '#registry/reading'
import type { WebActions } from '../actions.ts'
import { Addresses } from '../addresses.ts'
import {
  eachFile,
  FormReleases,
  nameOf,
  placeOf,
  RELEASE,
  releaseAddress,
} from '../forms/form-releases.ts'
import type { FormPage } from '../forms/form-routes.ts'
import { group, Mistakes } from '../forms/form-view.ts'

interface Needs {
  readonly ledger: Ledger
  readonly reading: Reading
  readonly actions: WebActions
}

const NO_TARGET =
  'There is no other stage to which you may upload: make one, or ask for the right to.'

export function pushForm({ ledger, reading, actions }: Needs): FormPage {
  const releases = new FormReleases(ledger)
  return {
    crumbs: releases.crumbs,
    path: `${RELEASE}/+push`,
    purpose: 'push',
    async assertMay(call) {
      await releases.getIndex(call)
      await releases.listLinks(call)
    },
    async form(call, typed) {
      const { index } = placeOf(call)
      const targets = await listTargets(call)
      const name = nameOf(call)
      const shared = { title: `Push ${name}`, back: releaseAddress(call) }
      if (targets.length === 0)
        return { ...shared, intro: [NO_TARGET], groups: [], submit: undefined }
      return {
        ...shared,
        intro: [`Copies ${name} from ${index}, all of it in one change or nothing.`],
        groups: [
          group(
            {
              name: 'target',
              label: 'To',
              input: { kind: 'select', words: targets },
              value: typed?.get('target') ?? '',
              isRequired: true,
            },
            ...(call.query.has('file')
              ? []
              : [
                  {
                    name: 'docs',
                    label: 'Documentation',
                    input: { kind: 'select', words: ['with it', 'without it', 'nothing else'] },
                    value: typed?.get('docs') ?? 'with it',
                    isRequired: true,
                  } as const,
                ]),
          ),
        ],
        submit: `Push ${name}`,
        links: eachFile(call, { form: '+push', verb: 'Push' }, await releases.listFiles(call)),
      }
    },
    async send(call, typed) {
      const { index: source, project, version } = placeOf(call)
      const target = typed.get('target') ?? ''
      if (target === '') throw new Mistakes({ target: 'Choose an index.' })
      const order = {
        source,
        project,
        name: project,
        version,
        noDocs: typed.get('docs') === 'without it',
        onlyDocs: typed.get('docs') === 'nothing else',
        filename: call.query.get('file') ?? undefined,
      }
      const user = target.slice(0, target.indexOf('/'))
      await actions.push(call.who, {
        order,
        target: indexName(user, target.slice(user.length + 1)),
      })
      return new Addresses(call).release(target, project, version)
    },
  }

  async function listTargets(call: Call): Promise<string[]> {
    const { index } = placeOf(call)
    const all = await ledger.read((tx) => tx.list(keys.indexes()))
    const mayRead = (await reading.seenBy(call.who)) ?? (() => true)
    return all
      .filter(({ value }) => value.type === 'stage' && mayUpload(value, call.who))
      .map(({ name }) => name)
      .filter((name) => name !== index && mayRead(name))
  }
}
