/** What an installer finds on a project page: the files it lists, and whether their bytes are those it promises. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

export interface ListedFile {
  readonly filename: string
  /** Resolved against the page. */
  readonly url: string
  readonly hashes: Readonly<Record<string, string>>
  readonly size?: number
}

/** Without any where the project does not exist. */
export async function listFiles(pageUrl: string): Promise<readonly ListedFile[]> {
  const accept = 'application/vnd.pypi.simple.v1+json'
  const response = await fetch(pageUrl, { headers: { accept } })
  const text = await response.text()
  if (response.status === 404) return []
  assert.equal(response.status, 200, text)
  const { files } = JSON.parse(text) as { files: ListedFile[] }
  return files.map((file) => ({ ...file, url: new URL(file.url, pageUrl).href }))
}

/** Downloads the files, a few at a time, and fails for one that is not what its page says. */
export async function assertWhole(files: readonly ListedFile[]): Promise<void> {
  for (let start = 0; start < files.length; start += 8) {
    await Promise.all(files.slice(start, start + 8).map(assertOneWhole))
  }
}

async function assertOneWhole({ filename, url, hashes, size }: ListedFile): Promise<void> {
  const response = await fetch(url)
  const bytes = Buffer.from(await response.arrayBuffer())
  assert.equal(response.status, 200, `${filename}: ${bytes.toString().slice(0, 500)}`)
  assert.equal(bytes.length, size ?? bytes.length, filename)
  assert.equal(sha256(bytes), hashes['sha256'], filename)
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
