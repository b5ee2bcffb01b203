/** Uploading files and documentation: by a form, or one by one by a script that shows how far each is. */
import { isOfOtherSite } from '#http/credentials'
import { readForm, type FilePart } from '#http/multipart'
import { jsonValue, redirect } from '#http/reply'
import { get, post, type Answer, type Call, type Route } from '#http/route'
import type { Readable } from 'node:stream'
import { indexName } from '#registry/indexes'
import type { SentFile, TakenFile, WebActions } from '../actions.ts'
import { Addresses } from '../addresses.ts'
import { crumbs } from '../crumbs.ts'
import { forPeople } from '../forms/for-people.ts'
import { toLogin, whatIsWrong, type PrintPage } from '../forms/form-routes.ts'
import type { UploadResult, UploadView } from '../views/upload.ts'

const MOST_FILES = 100
/** Nothing but a few short texts stands beside the files. */
const limits = { files: MOST_FILES, fields: 20, fieldSize: 4096, totalFieldSize: 16 * 1024 }

const DOCS_NAME = /^(.+)-([^-]+)\.doc\.zip$/i

interface Sent {
  readonly results: UploadResult[]
  /** The worst of all files. */
  readonly status: number
}

export function uploadPage(print: PrintPage, { intake }: Pick<WebActions, 'intake'>): Route[] {
  const path = '/:user/:index/+upload'
  return [get(path, forPeople(show)), post(path, send)]

  async function show(call: Call): Promise<Answer> {
    if (call.who.user === undefined) return toLogin(call)
    await intake.assertOpen(call)
    return printUpload(call, { status: 200, results: [], mistake: undefined })
  }

  async function send(call: Call): Promise<Answer> {
    const results: UploadResult[] = []
    try {
      const { status } = await takeFiles(call, results)
      if (call.wantsJson) return jsonValue(status, { files: results })
      if (status === 200) return redirect(303, addressOf(call))
      return printUpload(call, { status, results, mistake: undefined })
    } catch (error) {
      const wrong = whatIsWrong(error)
      if (!wrong || isOfOtherSite(call) || call.wantsJson) throw error
      return printUpload(call, { status: wrong.status, results, mistake: wrong.general })
    }
  }

  async function takeFiles(call: Call, results: UploadResult[]): Promise<Sent> {
    // In the order of the form, though one may be done before another.
    const slots: (UploadResult | undefined)[] = []
    let status = 200
    let isOpen = false
    const form = await readForm(call, {
      limits,
      async onFile(field, part, stream) {
        await open(part.before)
        // What a browser sends for a field in which no file was chosen.
        if (part.filename === '') return
        const at = slots.push(undefined) - 1
        const taken = await takeFile(call, field, part, stream)
        slots[at] = taken.result
        results.splice(0, results.length, ...slots.filter((one) => one !== undefined))
        status = Math.max(status, taken.status)
      },
    })
    await open(form.fields)
    const chosen = results.length > 0
    return { results, status: chosen ? status : 400 }

    /** Before the first byte is kept. */
    async function open(fields: FilePart['before']): Promise<void> {
      if (isOpen) return
      await call.confirmForm(fields.get('csrf')?.at(-1))
      await intake.assertOpen(call)
      isOpen = true
    }
  }

  async function takeFile(
    call: Call,
    field: string,
    { filename, before }: FilePart,
    stream: Readable,
  ): Promise<{ readonly result: UploadResult; readonly status: number }> {
    try {
      const taken = await pass(call, { filename, stream }, docsOf(field, filename, before))
      return { result: takenResult(call, filename, taken), status: 200 }
    } catch (error) {
      const wrong = whatIsWrong(error)
      // What is left of one that is too large is not waited for.
      if (!wrong || (stream.destroyed && !stream.readableEnded)) throw error
      const message = wrong.general ?? 'It was refused.'
      const result = { filename, isTaken: false, message, address: undefined }
      return { result, status: wrong.status }
    }
  }

  function pass(
    call: Call,
    file: SentFile,
    release: { readonly name: string; readonly version: string } | undefined,
  ): Promise<TakenFile> {
    return release ? intake.docs(call, file, release) : intake.file(call, file)
  }

  function printUpload(
    call: Call,
    { status, results, mistake }: Sent & { readonly mistake: string | undefined },
  ): Answer {
    const { user = '', index = '' } = call.params
    const addresses = new Addresses(call)
    const name = indexName(user, index)
    const nothing = status === 400 && results.length === 0 && mistake === undefined
    const view: UploadView = {
      index: name,
      address: addresses.index(name),
      action: addresses.here(call),
      csrf: call.csrfToken,
      results,
      mistake: nothing ? 'No file was chosen.' : mistake,
      docs: {
        project: call.query.get('project') ?? '',
        version: call.query.get('version') ?? '',
      },
    }
    return print(call, {
      template: 'upload',
      status,
      title: `Upload to ${name}`,
      path: crumbs(addresses, user, index),
      view,
      scripts: ['upload-files.js'],
    })
  }
}

/** The release whose documentation it is: by the fields before it, or as devpi names such zips. */
function docsOf(
  field: string,
  filename: string,
  before: FilePart['before'],
): { readonly name: string; readonly version: string } | undefined {
  if (field === 'docs') {
    const text = (name: string): string => before.get(name)?.at(-1)?.trim() ?? ''
    return { name: text('project'), version: text('version') }
  }
  const [, name, version] = DOCS_NAME.exec(filename) ?? []
  return name !== undefined && version !== undefined ? { name, version } : undefined
}

function takenResult(
  call: Call,
  filename: string,
  { name, version, isRepeat }: TakenFile,
): UploadResult {
  const { user = '', index = '' } = call.params
  return {
    filename,
    isTaken: true,
    message: isRepeat ? 'It was here already.' : `${name} ${version}`,
    address: new Addresses(call).release(indexName(user, index), name, version),
  }
}

function addressOf({ params: { user = '', index = '' }, prefix }: Call): string {
  return new Addresses({ prefix }).index(indexName(user, index))
}
