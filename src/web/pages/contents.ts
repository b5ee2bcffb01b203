/** Looking into a file: what a wheel or source distribution holds, and the text of its members. */
import { refuse } from '#base/refusal'
import { decodeText, visibleName } from '#base/visible-text'
import { get, type Answer, type Call, type Route } from '#http/route'
import { membersAt } from '#python/archive-folder'
import type { ArchiveListing, ArchiveMember } from '#python/archive-listing'
import type { FileContents, MemberLook } from '#registry/file-contents'
import { Addresses } from '../addresses.ts'
import { crumbs } from '../crumbs.ts'
import { askedProject, findInsideFile, listInside, type InsideFile } from '../inside-file.ts'
import { listingJson } from '../listing-json.ts'
import type { PagePrinter } from '../page-printer.ts'
import type { WebParts } from '../parts.ts'
import { prefersPage } from '../prefers-page.ts'
import { viewContents } from '../views/contents.ts'
import { viewMember } from '../views/member.ts'
import { pageNumber } from '../views/paging.ts'

export function contentsPages(parts: WebParts, show: PagePrinter, contents: FileContents): Route[] {
  const file = '/:user/:index/:project/:version/+contents/:filename'
  return [get(file, showInside), get(`${file}/*`, showInside)]

  async function showInside(call: Call): Promise<Answer> {
    const { version = '', filename = '', '*': path = '' } = call.params
    const asked = { ...askedProject(call), version, filename }
    const inside = await findInsideFile(parts, asked, new Addresses(call))
    const found = await listInside(contents, inside.archive)
    const isRaw = call.query.has('raw')
    if (!isRaw && call.wantsJson && !prefersPage(call)) return listingJson(call, found)
    const member = typeof found === 'string' ? undefined : memberOf(call, found, path)
    if (!member) return showFolder(call, inside, found)
    if (member.kind !== 'file') throw refuse('file-missing')
    const look = await contents.look(inside.archive!, member)
    return isRaw ? rawAnswer(member, look) : showMember(call, inside, member, look)
  }

  async function showFolder(
    call: Call,
    { facts }: InsideFile,
    found: ArchiveListing | 'absent' | 'closed',
  ): Promise<Answer> {
    const folder = call.query.get('folder') ?? folderIn(call)
    const question = { folder, page: pageNumber(call.query) }
    const view = viewContents(facts, found, question, new Addresses(call))
    if (!view) throw refuse('file-missing')
    return show(call, {
      template: 'contents',
      subject: [],
      isPassing: true,
      make: async (_tx, addresses) => ({
        title: `${facts.filename} contents`,
        path: pathTo(facts, addresses),
        view,
      }),
    })
  }

  async function showMember(
    call: Call,
    { facts }: InsideFile,
    member: ArchiveMember,
    look: MemberLook,
  ): Promise<Answer> {
    return show(call, {
      template: 'member',
      subject: [],
      isPassing: true,
      make: async (_tx, addresses) => ({
        title: `${visibleName(member.path)} in ${facts.filename}`,
        path: pathTo(facts, addresses),
        view: viewMember(facts, member, look, addresses),
      }),
    })
  }
}

const pathTo = ({ index, project, version }: InsideFile['facts'], addresses: Addresses) =>
  crumbs(addresses, ...index.split('/'), project, version)

/** By its path, or its place where the path says too little. */
function memberOf(call: Call, listing: ArchiveListing, path: string): ArchiveMember | undefined {
  const place = call.query.get('member')
  if (place === null) return membersAt(listing, path)[0]
  const member = /^\d{1,6}$/.test(place) ? listing.members[Number(place)] : undefined
  if (!member) throw refuse('file-missing')
  return member
}

/** Where no folder is asked for, looking begins where there is something to choose. */
function folderIn({ params }: Call): string | undefined {
  const path = params['*']
  return path === undefined ? undefined : path.replace(/\/$/, '')
}

/** A stranger's text, as it is, that no browser takes for anything else. */
function rawAnswer({ path }: ArchiveMember, look: MemberLook): Answer {
  const isText = 'bytes' in look && look.isWhole && decodeText(look.bytes) !== undefined
  if (!isText) throw refuse('file-missing')
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/[^\w.+-]+/g, '_')
  const headers = {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name.slice(0, 200)}.txt"`,
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-cache',
  }
  return { status: 200, headers, body: look.bytes }
}
