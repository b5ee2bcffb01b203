/** What logged-in people do on pages: the same that programs ask the API for. `app.ts` hands it over. */
import type { Readable } from 'node:stream'
import type { Identity } from '#base/identity'
import type { Call } from '#http/route'
import type { ProjectName } from '#python/name'
import type { ChangeSettings } from '#registry/index-changes'
import type { OptionBody } from '#registry/index-options'
import type { IndexEntry, IndexName } from '#registry/indexes'
import type { PushOrder } from '#registry/push'
import type { ReleasePlace } from '#registry/release-removal'
import type { Address } from '#registry/stored'
import type { UserBody } from '#registry/user-fields'
import type { YankPlace } from '#registry/yanks'

/** Each refuses who may not, and what is wrong. */
export interface WebActions {
  /** A login token; undefined where the password is wrong. */
  logIn(user: string, password: string): Promise<string | undefined>
  readonly loginLifetimeMs: number
  readonly users: {
    create(who: Identity, user: string, body: UserBody): Promise<unknown>
    change(who: Identity, user: string, body: UserBody): Promise<unknown>
    remove(who: Identity, user: string): Promise<void>
  }
  readonly indexes: {
    create(
      who: Identity,
      wanted: { readonly user: string; readonly index: string; readonly body: OptionBody },
    ): Promise<IndexEntry>
    change(
      who: Identity,
      name: IndexName,
      change: OptionBody,
      settings: Pick<ChangeSettings, 'drop'>,
    ): Promise<IndexEntry>
    remove(who: Identity, name: IndexName): Promise<void>
  }
  readonly remove: {
    project(remover: Remover, index: IndexName, project: ProjectName): Promise<void>
    release(remover: Remover, place: ReleasePlace): Promise<void>
    file(remover: Remover, address: Address): Promise<void>
  }
  /** Returns the files that are changed by it. */
  yank(order: YankOrder): Promise<readonly string[]>
  push(who: Identity, push: PagePush): Promise<unknown>
  readonly intake: {
    assertOpen(call: Call): Promise<void>
    file(call: Call, file: SentFile): Promise<TakenFile>
    docs(
      call: Call,
      file: SentFile,
      release: { readonly name: string; readonly version: string },
    ): Promise<TakenFile>
  }
}

export interface Remover {
  readonly who: Identity
  /** Also from an index that is not volatile. */
  readonly force: boolean
}

export interface YankOrder extends YankPlace {
  readonly who: Identity
  /** Undefined: not yanked any more. */
  readonly yanked: true | string | undefined
}

export interface PagePush {
  readonly order: PushOrder
  readonly target: IndexName
}

export interface SentFile {
  readonly filename: string
  readonly stream: Readable
}

export interface TakenFile {
  readonly name: string
  readonly version: string
  readonly isRepeat: boolean
}
