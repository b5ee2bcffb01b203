/** Taking projects, releases and files away, yanking them, and pushing them to another index. */
import { refuse } from '#base/refusal'
import type { Call, Route } from '#http/route'
import type { Ledger } from '#ledger/ledger'
import { normalizeLoosely } from '#python/name'
import { assertMayRemoveFrom, assertMayYank, mayUpload } from '#registry/access'
import { getIndex, indexName, type NamedIndex } from '#registry/indexes'
import { keys } from '#registry/keys'
import { listReleaseLinks, type ReleaseLink } from '#registry/release-links'
import { readYankReason } from '#registry/yanks'
import type { WebActions } from '../actions.ts'
import { Addresses } from '../addresses.ts'
import { crumbs } from '../crumbs.ts'
import { confirmation, forcing, isForced, readConfirmation } from '../forms/confirmation.ts'
import { formRoutes, type FormPage, type PrintPage } from '../forms/form-routes.ts'
import { group, Mistakes } from '../forms/form-view.ts'

interface Needs {
  readonly ledger: Ledger
  readonly actions: WebActions
}

const MIRRORED =
  'Its upstream has it still: what is kept of it here goes, and it may come back when it is asked for.'

const RELEASE = '/:user/:index/:project/:version'

export function releaseForms(print: PrintPage, { ledger, actions }: Needs): Route[] {
  const known = (call: Call): Promise<NamedIndex> =>
    ledger.read(async (tx) => {
      const { index: name } = placeOf(call)
      return { name, entry: await getIndex(tx, name) }
    })
  const common = {
    crumbs({ params: { user = '', index = '', project = '', version } }: Call, to: Addresses) {
      return crumbs(to, user, index, project, ...(version === undefined ? [] : [version]))
    },
  }

  const deleteProject: FormPage = {
    ...common,
    path: '/:user/:index/:project/+delete',
    purpose: 'delete-project',
    async assertMay(call) {
      assertMayRemoveFrom(await known(call), call.who)
      const { index, project } = placeOf(call)
      if (await ledger.read((tx) => tx.get(keys.project(index, project)))) return
      throw refuse('project-not-on-index', { project, index })
    },
    async form(call, typed) {
      const { index, project } = placeOf(call)
      const { entry } = await known(call)
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

  const deleteRelease: FormPage = {
    ...common,
    path: `${RELEASE}/+delete`,
    purpose: 'delete-release',
    async assertMay(call) {
      assertMayRemoveFrom(await known(call), call.who)
      const { index, project, version } = placeOf(call)
      if ((await linksOf(call)).length > 0) return
      const registered = await ledger.read((tx) => tx.get(keys.version(index, project, version)))
      if (!registered) throw refuse('release-not-on-index', { version, project, index })
    },
    async form(call, typed) {
      const { index } = placeOf(call)
      const { entry } = await known(call)
      const names = (await linksOf(call)).map(({ filename }) => filename)
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
        links: eachFile(call, '+delete', 'Delete', names),
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
      const [link] = await linksOf(call)
      if (!link) throw refuse('file-missing')
      const folder = link.path.slice(index.length + 1, -filename.length - 1)
      await actions.remove.file(remover, { index, folder, filename })
      const left = await ledger.read((tx) => tx.get(keys.version(index, project, version)))
      return left ? releaseAddress(call) : addresses.project(index, project)
    },
  }

  const yank: FormPage = {
    ...common,
    path: `${RELEASE}/+yank`,
    purpose: 'yank',
    async assertMay(call) {
      const index = await known(call)
      assertMayYank(index, call.who)
      if (index.entry.type === 'mirror') throw refuse('yank-on-mirror', { index: index.name })
      const { project, version } = placeOf(call)
      if ((await filesOf(call)).length > 0) return
      throw refuse('release-not-on-index', { version, project, index: index.name })
    },
    async form(call, typed) {
      const yanked = await yankOf(call)
      const isUndone = yanked !== undefined && typed === undefined
      const name = nameOf(call)
      return {
        title: yanked === undefined ? `Yank ${name}` : `${name} is yanked`,
        intro: [
          'Installers pass over what is yanked, unless somebody asks for exactly this version. Its files stay.',
        ],
        groups: [
          group(
            {
              name: 'reason',
              label: 'Reason',
              input: { kind: 'text' },
              value: typed?.get('reason') ?? (typeof yanked === 'string' ? yanked : ''),
              doc: 'Shown to those who install it all the same. May be left empty.',
            },
            ...(yanked === undefined
              ? []
              : [
                  {
                    name: 'undo',
                    label: 'Take the yank back',
                    input: { kind: 'check' },
                    value: isUndone ? 'yes' : (typed?.get('undo') ?? ''),
                  } as const,
                ]),
          ),
        ],
        submit: yanked === undefined ? `Yank ${name}` : 'Save',
        back: releaseAddress(call),
        links: eachFile(call, '+yank', 'Yank', await filesOf(call)),
      }
    },
    async send(call, typed) {
      const filename = call.query.get('file') ?? undefined
      const isUndone = typed.get('undo') === 'yes'
      const yanked = isUndone ? undefined : readYankReason(typed.get('reason') ?? '')
      await actions.yank({ ...placeOf(call), filename, yanked, who: call.who })
      return releaseAddress(call)
    },
  }

  const push: FormPage = {
    ...common,
    path: `${RELEASE}/+push`,
    purpose: 'push',
    async assertMay(call) {
      await known(call)
      await linksOf(call)
    },
    async form(call, typed) {
      const { index } = placeOf(call)
      const targets = await listTargets(call)
      const name = nameOf(call)
      const none = `There is no other stage to which you may upload.`
      return {
        title: `Push ${name}`,
        intro: [
          targets.length === 0
            ? none
            : `Copies ${name} from ${index}, all of it in one change or nothing.`,
        ],
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
        back: releaseAddress(call),
        links: eachFile(call, '+push', 'Push', await filesOf(call)),
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

  return [deleteProject, deleteRelease, yank, push].flatMap((page) => formRoutes(print, page))

  /** All that belongs to the release, or the one that is meant. */
  async function linksOf(call: Call): Promise<ReleaseLink[]> {
    const { index, project, version } = placeOf(call)
    const links = await ledger.read((tx) => listReleaseLinks(tx, index, project))
    const own = links.get(version) ?? []
    const filename = call.query.get('file')
    const meant = own.filter((link) => filename === null || link.filename === filename)
    if (meant.length === 0 && filename !== null) throw refuse('file-missing')
    return meant
  }

  /** None where a release is documentation alone. */
  async function filesOf(call: Call): Promise<string[]> {
    const links = await linksOf(call)
    return links.filter(({ rel }) => rel === 'releasefile').map(({ filename }) => filename)
  }

  async function yankOf(call: Call): Promise<true | string | undefined> {
    const { index, project } = placeOf(call)
    const [first] = await filesOf(call)
    if (first === undefined) return undefined
    return (await ledger.read((tx) => tx.get(keys.file(index, project, first))))?.yanked
  }

  async function listTargets(call: Call): Promise<string[]> {
    const { index } = placeOf(call)
    const all = await ledger.read((tx) => tx.list(keys.indexes()))
    return all
      .filter(({ value }) => value.type === 'stage' && mayUpload(value, call.who))
      .map(({ name }) => name)
      .filter((name) => name !== index)
  }
}

function placeOf({ params: { user = '', index = '', project = '', version = '' } }: Call) {
  return { index: indexName(user, index), project: normalizeLoosely(project), version }
}

function nameOf(call: Call): string {
  const { project, version } = placeOf(call)
  return call.query.get('file') ?? `${project} ${version}`
}

function releaseAddress(call: Call): string {
  const { index, project, version } = placeOf(call)
  return new Addresses(call).release(index, project, version)
}

/** The same for one file alone, where there are several. */
function eachFile(
  call: Call,
  form: string,
  verb: string,
  files: readonly string[],
): { title: string; address: string }[] {
  if (files.length < 2) return []
  return files.map((filename) => ({
    title: `${verb} ${filename} alone`,
    address: `${releaseAddress(call)}/${form}?file=${encodeURIComponent(filename)}`,
  }))
}
