/** Files that come without the fields of an upload, as from a page: what they are is read from themselves. */
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { refuse } from '#base/refusal'
import type { StagedBlob } from '#blobs/blob-store'
import type { Call } from '#http/route'
import type { ArchiveSource } from '#python/archive-source'
import { packageType } from '#python/filename'
import { uploadType } from '#python/upload-type'
import type { Parts } from './parts.ts'
import { addUpload } from './upload-adding.ts'
import { assertPlainFilename, readArchive } from './upload-checks.ts'
import { addDocsUpload } from './upload-docs.ts'
import { formOfFile, type UploadForm } from './upload-form.ts'
import { getStage } from './upload-target.ts'

/** What came in, and whether it was there already. */
export interface TakenFile {
  readonly name: string
  readonly version: string
  readonly isRepeat: boolean
}

export interface AloneFile {
  readonly filename: string
  readonly stream: Readable
}

export interface Intake {
  /** Refuses who may not upload: before anything is read. */
  assertOpen(call: Call): Promise<void>
  /** A wheel or an sdist, whose name and version are in its metadata. */
  file(call: Call, file: AloneFile): Promise<TakenFile>
  /** A zip of documentation for a release. */
  docs(
    call: Call,
    file: AloneFile,
    release: { readonly name: string; readonly version: string },
  ): Promise<TakenFile>
}

export function uploadIntake({ ledger, blobs, server }: Parts): Intake {
  const limit = server.maxUploadSize
  const stageOf = (call: Call) => ledger.read((tx) => getStage(tx, call))

  return {
    async assertOpen(call) {
      await stageOf(call)
    },

    async file(call, { filename, stream }) {
      assertPlainFilename(filename)
      assertDistribution(filename)
      await using form = await formOfFile(blobs, stream, { filename, limit }, (content, archive) =>
        readFields(filename, content, archive),
      )
      const stage = await stageOf(call)
      const { isRepeat } = await addUpload({ ledger, blobs }, call, { form, stage })
      return { ...identityOf(form), isRepeat }
    },

    async docs(call, { filename, stream }, { name, version }) {
      assertPlainFilename(filename)
      const fields = new Map([
        ['name', [name]],
        ['version', [version]],
      ])
      await using form = await formOfFile(blobs, stream, { filename, limit }, async () => fields)
      const { isRepeat } = await addDocsUpload(call, { ledger }, form)
      return { name, version, isRepeat }
    },
  }
}

function assertDistribution(filename: string): void {
  if (packageType(filename) !== undefined) return
  throw invalid(`${basename(filename)} is neither a wheel (.whl) nor an sdist (.tar.gz)`)
}

/** As twine would send them. */
async function readFields(
  filename: string,
  { digest }: StagedBlob,
  archive: ArchiveSource,
): Promise<UploadForm['fields']> {
  const { metadata, problem } = await readArchive(archive, filename)
  if (!metadata) {
    const hint = filename.endsWith('.zip') ? '; documentation is named NAME-VERSION.doc.zip' : ''
    throw invalid(`${filename} can't be read: ${problem ?? 'it has no metadata'}${hint}`)
  }
  const { filetype, pyversion } = uploadType(filename)
  const fields = new Map<string, readonly string[]>(metadata.fields)
  if (metadata.description !== undefined) fields.set('description', [metadata.description])
  return fields
    .set('protocol_version', ['1'])
    .set('filetype', [filetype])
    .set('pyversion', [pyversion ?? 'source'])
    .set('sha256_digest', [digest])
}

const identityOf = (form: UploadForm) => ({
  name: form.field('name') ?? '',
  version: form.field('version') ?? '',
})

const invalid = (reason: string) => refuse('upload-invalid', { reason })
