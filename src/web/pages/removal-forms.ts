/** Taking projects, releases and what belongs to them away. */
import { refuse } from '#base/refusal'
import type { Ledger } from '#ledger/ledger'
import { assertMayRemoveFrom } from '#registry/access'
import { keys } from '#registry/keys'
import type { WebActions } from '../actions.ts'
import { Addresses } from '../addresses.ts'
import { confirmation, forcing, isForced, readConfirmation } from '../forms/confirmation.ts'
import {
  eachFile,
  FormReleases,
  nameOf,
  placeOf,
  RELEASE,
  releaseAddress,
} from '../forms/form-releases.ts'
import type { FormPage } from '../forms/form-routes.ts'
import { group } from '../forms/form-view.ts'

interface Needs {
  readonly ledger: Ledger
  readonly actions: WebActions
}

const MIRRORED =
  'Its upstream has it still: what is kept of it here goes, and it may come back when it is asked for.'

export function projectRemoval({ ledger, actions }: Needs): FormPage {
  const releases = new FormReleases(ledger)
  return {
    crumbs: releases.crumbs,
    path: '/:user/:index/:project/+delete',
    purpose: 'delete-project',
    async assertMay(call) {
      assertMayRemoveFrom(await releases.getIndex(call), call.who)
      const { index, project } = placeOf(call)
      if (await ledger.read((tx) => tx.get(keys.project(index, project)))) return
      throw refuse('project-not-on-index', { project, index })
    },
    async form(call, typed) {
      const { index, project } = placeOf(call)
      const { entry } = await releases.getIndex(call)
      const versions = await ledger.read((tx) => tx.listNames(keys.versions(index, project)))
      const { length } = versions
      return {
        title: `Delete project ${project}`,
        intro: [
          `All of ${project} goes from ${index}` +
            (length > 0 ? `: ${length === 1 ? 'one release' : `${length} releases`}, ` : ', ') +
            'with files, documentation and test results.',
        ],
        groups: [group(confirmation(project, typed), ...(entry.volatile ? [] : [forcing(typed)]))],
        submit: `Delete ${project}`,
        isDangerous: true,
        back: new Addresses(call).project(index, project),
      }
    },
    async send(call, typed) {
      const { index, project } = placeOf(call)
      readConfirmation(project, typed)
      await actions.remove.project({ who: call.who, force: isForced(typed) }, index, project)
      return new Addresses(call).index(index)
    },
  }
}

export function releaseRemoval({ ledger, actions }: Needs): FormPage {
  const releases = new FormReleases(ledger)
  return {
    crumbs: releases.crumbs,
    path: `${RELEASE}/+delete`,
    purpose: 'delete-release',
    async assertMay(call) {
      assertMayRemoveFrom(await releases.getIndex(call), call.who)
      const { index, project, version } = placeOf(call)
      if ((await releases.listLinks(call)).length > 0) return
      const registered = await ledger.read((tx) => tx.get(keys.version(index, project, version)))
      if (!registered) throw refuse('release-not-on-index', { version, project, index })
    },
    async form(call, typed) {
      const { index } = placeOf(call)
      const { entry } = await releases.getIndex(call)
      const names = (await releases.listLinks(call)).map(({ filename }) => filename)
      const name = nameOf(call)
      const all = names.length === 0 ? '' : `: ${names.join(', ')}`
      return {
        title: `Delete ${name}`,
        intro: [
          call.query.has('file')
            ? `${name} goes from ${index}.`
            : `The release ${name} goes from ${index}, with all that belongs to it${all}.`,
          ...(entry.type === 'mirror' ? [MIRRORED] : []),
        ],
        groups: entry.volatile ? [] : [group(forcing(typed))],
        submit: `Delete ${name}`,
        isDangerous: true,
        back: releaseAddress(call),
        links: eachFile(call, { form: '+delete', verb: 'Delete' }, names),
      }
    },
    async send(call, typed) {
      const { index, project, version } = placeOf(call)
      const remover = { who: call.who, force: isForced(typed) }
      const filename = call.query.get('file')
      const addresses = new Addresses(call)
      if (filename === null) {
        await actions.remove.release(remover, { index, project, version })
        return addresses.project(index, project)
      }
      const [link] = await releases.listLinks(call)
      if (!link) throw refuse('file-missing')
      const folder = link.path.slice(index.length + 1, -filename.length - 1)
      await actions.remove.file(remover, { index, folder, filename })
      const left = await ledger.read((tx) => tx.get(keys.version(index, project, version)))
      return left ? releaseAddress(call) : addresses.project(index, project)
    },
  }
}
