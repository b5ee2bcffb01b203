/** What differs between two releases, between two of their files, and between the texts in these. */
import { refuse } from '#base/refusal'
import { visibleName } from '#base/visible-text'
import { json, redirect } from '#http/reply'
import { get, type Answer, type Call, type Route } from '#http/route'
import type { ArchiveMember } from '#python/archive-listing'
import type { FileContents } from '#registry/file-contents'
import {
  findProjectRelease,
  findRegistered,
  latestRelease,
  type ProjectRelease,
} from '#registry/project-releases'
import { compareLooks, compareReleases, type ComparedRelease } from '#registry/release-differences'
import { Addresses } from '../addresses.ts'
import { crumbs } from '../crumbs.ts'
import { askedProject, findInsideFile, findReleases, listInside } from '../inside-file.ts'
import type { MirroredMetadata } from '../mirrored-metadata.ts'
import type { PagePrinter } from '../page-printer.ts'
import type { WebParts } from '../parts.ts'
import { prefersPage } from '../prefers-page.ts'
import { viewDifferences } from '../views/differences.ts'
import {
  viewFileDifferences,
  viewMemberDifferences,
  type ComparedFiles,
  type FoundListing,
} from '../views/file-differences.ts'
import { changesAddress } from '../views/inside.ts'

interface Needs extends WebParts {
  readonly contents: FileContents
  readonly mirrored: MirroredMetadata
}

export function differencesPages(parts: Needs, show: PagePrinter): Route[] {
  const { ledger, contents, mirrored } = parts
  return [
    get('/:user/:index/:project/+diff', choose),
    get('/:user/:index/:project/+diff/:old/:new', (call) =>
      call.query.has('before') || call.query.has('after') ? showFiles(call) : showReleases(call),
    ),
  ]

  /** Where a form sends to; without a choice the latest release and the one before it. */
  async function choose(call: Call): Promise<Answer> {
    const asked = askedProject(call)
    const { releases } = await findReleases(parts, asked)
    const latest = latestRelease(releases)
    if (!latest) throw refuse('project-missing', { project: asked.project })
    const version = call.query.get('new') || latest.version
    const place = releases.findIndex((one) => one.version === version)
    const older = call.query.get('old') || (releases[place - 1]?.version ?? version)
    return redirect(302, changesAddress(new Addresses(call), asked, older, version))
  }

  async function showReleases(call: Call): Promise<Answer> {
    const asked = askedProject(call)
    const { index, project } = asked
    const { releases } = await findReleases(parts, asked)
    const [before, after] = await Promise.all(
      [call.params['old'], call.params['new']].map((version) => sideOf(version ?? '')),
    )
    const found = compareReleases(project, before!, after!)
    if (call.wantsJson && !prefersPage(call)) {
      const files = found.files.map((pair) => ({
        what: pair.what,
        before: pair.before?.filename,
        after: pair.after?.filename,
      }))
      return json(200, { type: 'releasedifferences', result: { ...found, files } })
    }
    const all = releases.map(({ version }) => version).toReversed()
    const versions = { before: before!.version, after: after!.version, all }
    return show(call, {
      template: 'differences',
      subject: [],
      isPassing: true,
      make: async (_tx, addresses) => ({
        title: `${project} ${versions.before} and ${versions.after} compared`,
        path: crumbs(addresses, ...index.split('/'), project),
        view: viewDifferences(asked, versions, found, addresses),
      }),
    })

    async function sideOf(version: string): Promise<ComparedRelease> {
      const release = findProjectRelease(releases, version)
      if (!release) throw refuse('release-missing', { version, project })
      const metadata = await metadataOf(release, project)
      return { version: release.version, links: release.links, metadata }
    }
  }

  async function metadataOf(release: ProjectRelease, project: string) {
    const registered = await ledger.read((tx) => findRegistered(tx, release, project))
    const told = registered ?? (await mirrored.find(project, release.links))
    return told === 'late' ? undefined : told
  }

  async function showFiles(call: Call): Promise<Answer> {
    const files = await findFiles(call)
    // One after the other: both may be large.
    const before = await listInside(contents, files.before.archive)
    const after = await listInside(contents, files.after.archive)
    const [old, now] = [memberOf(call, 'old', before), memberOf(call, 'new', after)]
    if (old && now) return showMembers(call, files, { before: old, after: now })
    const asked = askedProject(call)
    return show(call, {
      template: 'file-differences',
      subject: [],
      isPassing: true,
      make: async (_tx, addresses) => ({
        title: `${files.before.facts.filename} and ${files.after.facts.filename} compared`,
        path: crumbs(addresses, ...asked.index.split('/'), asked.project),
        view: viewFileDifferences(asked, files, [before, after], addresses),
      }),
    })
  }

  async function findFiles(call: Call): Promise<ComparedFiles> {
    const asked = askedProject(call)
    const addresses = new Addresses(call)
    const find = (version: string, filename: string) =>
      findInsideFile(
        parts,
        { ...asked, version: call.params[version] ?? '', filename: call.query.get(filename) ?? '' },
        addresses,
      )
    return { before: await find('old', 'before'), after: await find('new', 'after') }
  }

  async function showMembers(
    call: Call,
    files: ComparedFiles,
    members: { readonly before: ArchiveMember; readonly after: ArchiveMember },
  ): Promise<Answer> {
    const before = await contents.look(files.before.archive!, members.before)
    const after = await contents.look(files.after.archive!, members.after)
    const asked = askedProject(call)
    const comparison = compareLooks(before, after)
    return show(call, {
      template: 'member-differences',
      subject: [],
      isPassing: true,
      make: async (_tx, addresses) => ({
        title: `${visibleName(members.after.path)} compared`,
        path: crumbs(addresses, ...asked.index.split('/'), asked.project),
        view: viewMemberDifferences(asked, files, members, comparison, addresses),
      }),
    })
  }
}

/** Undefined where none is asked for. */
function memberOf(call: Call, name: string, listing: FoundListing): ArchiveMember | undefined {
  const place = call.query.get(name)
  if (place === null) return undefined
  const isPlace = typeof listing !== 'string' && /^\d{1,6}$/.test(place)
  const member = isPlace ? listing.members[Number(place)] : undefined
  if (member?.kind !== 'file') throw refuse('file-missing')
  return member
}
