/** A real tree on nginx, below as many addresses as wanted: each is another upstream to a mirror. */
import { metadataField, parseMetadata } from '#python/metadata'
import { readWheelMetadata } from '#python/wheel-archive'
import type { FolderFiles } from '../../test/support/file-servers.ts'
import { countRequests, projectOf, type CountingServer } from '../../test/support/plain-index.ts'
import { sha256 } from '../../test/support/listed-files.ts'
import type { RealWheel } from '../../test/support/real-tree.ts'
import { pinServer } from './cores.ts'
import { listChildren } from './memory.ts'

/** `bare`: links and no more. `full`: Python versions, hashes and core metadata as well, as PyPI has them. */
export type Kind = 'bare' | 'full'

export interface TreeUpstream extends CountingServer {
  /** The process that answers. */
  readonly worker: number
  /** The root of its pages. Another `round` is another address of the same. */
  simple(kind: Kind, round?: string): string
}

export async function startTreeUpstream(wheels: readonly RealWheel[]): Promise<TreeUpstream> {
  const server = await countRequests(
    await treeFiles(wheels),
    'rewrite ^/round-[^/]*(/.*)$ $1 last;',
  )
  const [worker = server.pid] = await listChildren(server.pid)
  pinServer(worker)
  return {
    ...server,
    worker,
    simple: (kind, round = '0') => server.url(`round-${round}/${kind}/simple/`),
  }
}

async function treeFiles(wheels: readonly RealWheel[]): Promise<FolderFiles> {
  const files: Record<string, string | Uint8Array> = {}
  const names: string[] = []
  for (const { filename, path, bytes } of wheels) {
    const name = projectOf(filename)
    const metadata = (await readWheelMetadata(path, filename)).bytes
    const python = metadataField(parseMetadata(metadata), 'requires_python')?.trim() ?? ''
    const told = `data-core-metadata="sha256=${sha256(metadata)}" data-requires-python="${escape(python)}"`
    names.push(`<a href="${name}/">${name}</a><br>`)
    files[`bare/simple/${name}/index.html`] = link(filename)
    files[`full/simple/${name}/index.html`] = link(filename, {
      fragment: `#sha256=${sha256(bytes)}`,
      told,
    })
    files[`files/${filename}`] = bytes
    files[`files/${filename}.metadata`] = metadata
  }
  for (const kind of ['bare', 'full']) files[`${kind}/simple/index.html`] = names.join('\n')
  return files
}

/** Relative: a file of another address is another file. */
const link = (filename: string, { fragment = '', told = '' } = {}): string =>
  `<a href="../../../files/${filename}${fragment}" ${told}>${filename}</a><br>`

const escape = (text: string): string => text.replaceAll('<', '&lt;').replaceAll('>', '&gt;')
