/** The process that follows the ledger into the search index, from inside: when it looks, rests and tries again. */
import { isDamage } from './backends/sqlite-fts.ts'
import { Indexer, type IndexerNeeds } from './indexer.ts'
import type { IndexerNews, IndexerOrder } from './indexer-messages.ts'

/** How soon it looks again where another process writes. */
const OTHERS_MS = 1000
/** As devpi-web waits before it tries again. */
const FIRST_RETRY_MS = 11_000
const RETRY_GROWTH = 1.5
const LONGEST_RETRY_MS = 3_600_000

/** What an indexer is made from. */
export interface Indexing extends Omit<IndexerNeeds, 'onFailure'> {
  close(): Promise<void>
}

/** This process, as it speaks with the one that has started it. */
type Server = Pick<NodeJS.Process, 'on' | 'off' | 'send' | 'disconnect'>

/** Runs until it is told to end, or the server has gone; then closes the index, which lets another process write it. */
export async function serveIndexer(
  server: Server,
  open: (folder: string) => Promise<Indexing>,
): Promise<void> {
  const ending = new AbortController()
  const tell = (news: IndexerNews): void => void server.send?.(news, undefined, undefined, ignore)
  const onFailure: IndexerNeeds['onFailure'] = ({ place, error }) =>
    tell({ kind: 'failure', about: `${place.index}/${place.project}`, reason: reasonOf(error) })
  const asked: number[] = []
  let isWoken = true
  let isDamaged = false
  let failure: string | undefined
  let owed = 0
  let wake = (): void => {}
  let retryMs = FIRST_RETRY_MS
  let retryAt: number | undefined

  const begun = Promise.withResolvers<string>()
  const end = (): void => {
    ending.abort()
    isWoken = true
    wake()
  }
  server.on('disconnect', end)
  server.on('message', (order: IndexerOrder) => {
    if (order.kind === 'begin') begun.resolve(order.folder)
    if (order.kind === 'end') ending.abort()
    if (order.kind === 'repair') isDamaged = true
    if (order.kind === 'catch up') asked.push(order.number)
    isWoken = true
    wake()
  })

  const needs = await open(await begun.promise)
  const indexer = new Indexer({ ...needs, onFailure }, ending.signal)
  while (!ending.signal.aborted) {
    isWoken = false
    const answered = asked.splice(0)
    const again = await look()
    if (again === 'soon') asked.unshift(...answered)
    else for (const number of answered) tell(outcome(number))
    if (!isWoken && failure === undefined && again !== 'soon') tell({ kind: 'idle', owed })
    if (!isWoken) await rest(again === 'soon' ? OTHERS_MS : again === 'later' ? retryMs : undefined)
  }
  await needs.writer.close()
  await needs.close()
  server.off('disconnect', end)
  server.disconnect?.()

  function outcome(number: number): IndexerNews {
    if (failure === undefined) return { kind: 'done', number }
    return { kind: 'failed', number, reason: failure }
  }

  /** When to look again without being told. */
  async function look(): Promise<'soon' | 'later' | undefined> {
    failure = undefined
    try {
      if (isDamaged) await needs.writer.beginAnew()
      isDamaged = false
      if (!(await indexer.catchUp())) return (await isUpToDate()) ? undefined : 'soon'
      return await retryOwed()
    } catch (error) {
      if (ending.signal.aborted) return undefined
      isDamaged = isDamage(error)
      failure = reasonOf(error)
      tell({ kind: 'failure', reason: failure })
      return 'later'
    }
  }

  async function retryOwed(): Promise<'later' | undefined> {
    const isDue = retryAt !== undefined && needs.clock.now() >= retryAt
    if (isDue) await indexer.retry()
    owed = (await needs.writer.listOwed()).length
    if (owed === 0) {
      retryMs = FIRST_RETRY_MS
      retryAt = undefined
      return undefined
    }
    if (isDue) retryMs = Math.min(retryMs * RETRY_GROWTH, LONGEST_RETRY_MS)
    if (isDue || retryAt === undefined) retryAt = needs.clock.now() + retryMs
    return 'later'
  }

  /** By another process. */
  async function isUpToDate(): Promise<boolean> {
    await needs.ledger.catchUp()
    const progress = await needs.writer.progress()
    return progress?.walk === undefined && (progress?.serial ?? -1) >= needs.ledger.serial
  }

  async function rest(ms: number | undefined): Promise<void> {
    const woken = new Promise<void>((resolve) => (wake = resolve))
    const timer = ms === undefined ? undefined : setTimeout(() => wake(), ms)
    await woken
    clearTimeout(timer)
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

/** A server that has gone need not hear. */
function ignore(): void {}
