/** A ledger with very many entries, as years of use leave it: links of mirrored projects, and registered releases. */
import { createHash } from 'node:crypto'
import { CHANGE_FORMAT, hashChange, type ChangedEntry } from '#ledger/change'
import { encodeValue } from '#ledger/codec'
import { openSqlite } from '#ledger/open-ledger'

/** A mirror's links come so many at once; a registration is a project and a version. */
const LINKS_A_CHANGE = 20
const RELEASES_A_PROJECT = 50
const CHANGES_A_COMMIT = 2000

/** Appends changes with `count` entries to the ledger in a folder, one half of each kind. */
export async function fillLedger(folder: string, count: number): Promise<void> {
  const backend = openSqlite(folder)
  const changes = [...listChanges(count)]
  while (changes.length > 0) {
    await backend.exclusive(async (writer) => {
      for (const entries of changes.splice(0, CHANGES_A_COMMIT)) {
        const { serial, epoch, hash } = writer.head
        const facts = { serial: serial + 1, at: 1.8e12 + serial, actor: 'ada', epoch }
        const change = { ...facts, format: CHANGE_FORMAT, entries }
        await writer.append({ ...change, hash: hashChange(hash, change) })
      }
    })
  }
  await backend.close()
}

/** In turns, so that neither kind comes all at once. */
function* listChanges(count: number): Generator<ChangedEntry[]> {
  const rounds = count / (2 * LINKS_A_CHANGE)
  for (let round = 0; round < rounds; round++) {
    yield links(round)
    for (let at = 0; at < LINKS_A_CHANGE / 2; at++) yield release((round * LINKS_A_CHANGE) / 2 + at)
  }
}

function links(round: number): ChangedEntry[] {
  const project = `linked-${round}`
  return Array.from({ length: LINKS_A_CHANGE }, (_, at) => {
    const version = `1.${at}`
    const filename = `linked_${round}-${version}-py3-none-any.whl`
    const sha256 = createHash('sha256').update(filename).digest('hex')
    return {
      path: `file/ada/mirror/${project}/${filename}`,
      value: encodeValue({
        addedAt: 1.8e12,
        hashes: { sha256 },
        requiresPython: '>=3.9',
        size: 4096,
        uploadedAt: '2024-05-06T07:08:09.123456Z',
        upstream: { url: `http://127.0.0.1:1/files/${filename}` },
        version,
      }),
    }
  }).toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

function release(at: number): ChangedEntry[] {
  const [project, version] = [
    `own-${Math.floor(at / RELEASES_A_PROJECT)}`,
    `1.${at % RELEASES_A_PROJECT}`,
  ]
  const empty = ['author', 'author_email', 'comment', 'description', 'download_url', 'home_page']
  const metadata = {
    ...Object.fromEntries(empty.map((field) => [field, ''])),
    ...{ name: project, version, metadata_version: '2.2', summary: 'What somebody has made' },
    ...{ classifiers: [], requires_dist: ['anchor>=1.0', 'rope; extra == "ship"'] },
  }
  return [
    { path: `project/ada/own/${project}`, value: encodeValue({ name: project, version }) },
    { path: `version/ada/own/${project}/${version}`, value: encodeValue(metadata) },
  ]
}
