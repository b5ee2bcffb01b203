/** Files of devpi from a folder that is at hand, a server's or an export: what its hashes say is the right one. */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '#base/disk-failure'
import { StorageFailure } from '#base/failure'
import type { BlobStore } from '#blobs/blob-store'
import { distributionVersion } from '#python/filename'
import { keepBlob, stageFile } from '../take-file.ts'
import { readTold, type Arrived } from './arrived.ts'
import { readRelpath } from './file-facts.ts'
import { HashCheck } from './hash-check.ts'
import type { Coming } from './keys.ts'

export interface LocalFiles {
  readonly folder: string
  readonly hardLinks: boolean
}

/** Undefined where it is not there, or not as it should be. `relpath`: devpi's, as in `devpiKeys`. */
export async function takeLocal(
  blobs: BlobStore,
  { folder, hardLinks }: LocalFiles,
  relpath: string,
  coming: Coming,
): Promise<Arrived | undefined> {
  const path = await findPlace(folder, relpath, coming)
  if (path === undefined) return undefined
  try {
    return await take(blobs, path, coming, hardLinks)
  } catch (error) {
    if (error instanceof StorageFailure) throw error
    // Links lead to no other file system; what cannot be read there is asked of the server.
    const isElsewhere = hardLinks && errorCode(error) === 'EXDEV'
    return isElsewhere ? take(blobs, path, coming, false) : undefined
  }
}

async function take(
  blobs: BlobStore,
  path: string,
  coming: Coming,
  hardLinks: boolean,
): Promise<Arrived | undefined> {
  const check = new HashCheck(coming.hashes)
  const tap = (chunk: Uint8Array): void => check.update(chunk)
  await using staged = await stageFile(blobs, path, { hardLinks, tap })
  if (check.findProblem(staged.digest) !== undefined) return undefined
  const told = await readTold(staged.path, coming)
  await keepBlob(blobs, staged)
  return { digest: staged.digest, size: staged.size, told }
}

async function findPlace(
  folder: string,
  relpath: string,
  coming: Coming,
): Promise<string | undefined> {
  if (relpath.split('/').some((part) => part === '.' || part === '..')) return undefined
  const path = join(folder, '+files', relpath)
  return existsSync(path) ? path : findInExport(folder, relpath, coming)
}

/** Only for what is known by a hash: an export has it under its name alone. */
async function findInExport(
  folder: string,
  relpath: string,
  coming: Coming,
): Promise<string | undefined> {
  const place = readRelpath(relpath)
  if (!place || Object.keys(coming.hashes).length === 0) return undefined
  const ofIndex = join(folder, place.index)
  const docs = join(ofIndex, place.filename)
  if (coming.rel === 'doczip') return existsSync(docs) ? docs : undefined
  const { project } = coming.file
  const ofProject = join(ofIndex, project)
  const pathIn = (below: string): string => join(ofProject, below, place.filename)
  const likely = pathIn(distributionVersion(place.filename, project) ?? '.')
  if (existsSync(likely)) return likely
  const below = ['.', ...(await listFolders(ofProject))]
  return below.map(pathIn).find((path) => existsSync(path))
}

const listFolders = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])
