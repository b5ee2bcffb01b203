/** Uploads of small wheels as twine sends them, over a few connections that stay open. */
import { createHash, randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { makeWheel, type Distribution } from '../../test/support/wheel.ts'

export interface UploadBody {
  readonly contentType: string
  readonly bytes: Buffer
}

/** Wheels of about 4 KB; no two have the same content. */
export const makeSmallWheel = (project: string, version: string): Distribution =>
  makeSizedWheel(project, version, 4096)

/** Of about so many bytes. */
export function makeSizedWheel(project: string, version: string, size: number): Distribution {
  const bare = makeWheel(project, version, { requiresPython: '>=3.9' }).bytes.length
  const padding = randomBytes(Math.max(16, size - bare - 2 * PADDING_OVERHEAD))
  return makeWheel(project, version, {
    requiresPython: '>=3.9',
    extraFiles: { 'padding.bin': padding },
  })
}

/** What a further member adds to the archive, in RECORD and in both of its headers, halved. */
const PADDING_OVERHEAD = 100

/** `more`: further fields of the form. */
export function uploadBody(
  project: string,
  version: string,
  wheel: Distribution,
  more: Readonly<Record<string, string>> = {},
): UploadBody {
  const boundary = `----${randomBytes(12).toString('hex')}`
  const fields: Readonly<Record<string, string>> = {
    ':action': 'file_upload',
    protocol_version: '1',
    metadata_version: '2.2',
    name: project,
    version,
    filetype: 'bdist_wheel',
    pyversion: 'py3',
    summary: 'A small wheel',
    requires_python: '>=3.9',
    md5_digest: createHash('md5').update(wheel.bytes).digest('hex'),
    sha256_digest: wheel.sha256,
    ...more,
  }
  const parts = Object.entries(fields).map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const file =
    `--${boundary}\r\nContent-Disposition: form-data; name="content"; ` +
    `filename="${wheel.filename}"\r\nContent-Type: application/octet-stream\r\n\r\n`
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([
      Buffer.from(parts.join('') + file),
      wheel.bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  }
}

/** Ready to be sent: `count` versions of a project, from `0.FIRST` on. */
export function makeUploads(
  project: string,
  first: number,
  count: number,
  size = 4096,
): UploadBody[] {
  return Array.from({ length: count }, (_, at) => {
    const version = `0.${first + at}`
    return uploadBody(project, version, makeSizedWheel(project, version, size))
  })
}

export interface UploadRun {
  readonly url: string
  readonly authorization: string
  readonly uploads: readonly UploadBody[]
  readonly connections: number
  /** No upload begins after this time. */
  readonly seconds?: number
}

export interface Uploaded {
  readonly count: number
  /** From the first request to the last answer. */
  readonly ms: number
  /** Milliseconds of each, as they ended. */
  readonly times: readonly number[]
}

/** Sends them all, or those that fit the time. A refused one is an error. */
export async function sendUploads(run: UploadRun): Promise<Uploaded> {
  const { url, authorization, uploads, connections, seconds = 300 } = run
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const times: number[] = []
  const begin = performance.now()
  let count = 0

  async function work(): Promise<void> {
    while (count < uploads.length && performance.now() - begin < seconds * 1000) {
      const start = performance.now()
      await sendUpload(agent, url, authorization, uploads[count++]!)
      times.push(performance.now() - start)
    }
  }
  try {
    await Promise.all(Array.from({ length: connections }, work))
  } finally {
    agent.destroy()
  }
  return { count, ms: performance.now() - begin, times }
}

function sendUpload(
  agent: Agent,
  url: string,
  authorization: string,
  { contentType, bytes }: UploadBody,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent,
        headers: { authorization, 'content-type': contentType, 'content-length': bytes.length },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('error', reject).on('end', () => {
          if (response.statusCode === 200) resolve()
          else reject(new Error(`upload to ${url}: ${response.statusCode} ${text}`))
        })
      },
    )
    sent.on('error', reject).end(bytes)
  })
}
