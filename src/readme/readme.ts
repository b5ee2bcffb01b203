/**
 * Descriptions of releases as safe HTML: rendered in a process of their own, within limits of size, time and memory,
 * and kept.
 *
 * Class names, for the style sheet of a page (below one element of the page's own, since authors may use them too):
 * - `pre.plain`, to be wrapped; `code.language-NAME` with highlight.js's `span.hljs-…`;
 * - `.remote-image`: an `a`, inside links a `span`, in place of an image that is not loaded, with `data-src`,
 *   `data-width` and `data-height` for a script that shows it;
 * - `li.task-item` with `span.task`, ticked `span.task-done`; `sup.footnote-ref`, `section.footnotes`,
 *   `a.footnote-back`; `div.admonition` with `note`, `tip`, `important`, `warning`, `caution`, `attention`, `danger`,
 *   `error` or `hint`, and `.admonition-title`;
 * - of reStructuredText also `topic`, `topic-title`, `contents`, `sidebar`, `sidebar-title`, `rubric`, `subtitle`,
 *   `section-number`, `line-block`, `line`, `attribution`, `docinfo`, `option-list`, `option`, `classifier`,
 *   `compound`, `legend`, `math`, `footnote-list`, `footnote`, `citation-list`, `citation`, `label`, `backrefs`, and
 *   `align-left` (`right`, `center`, `top`, `middle`, `bottom`).
 *
 * Ids begin with `user-content-`. The HTML is closed in itself; it belongs into an element that is no `p`, `a`, `li`,
 * `dd` or `dt` and stands in none.
 */
import { LRUCache } from 'lru-cache'
import { sha256 } from '#base/digest'
import type { Log } from '#base/log'
import { SingleFlight } from '#base/single-flight'
import { parseDescriptionType } from './content-type.ts'
import { showPlain } from './plain.ts'
import type { Description, RenderedReadme, Source } from './rendered.ts'
import { defaultLimits, type ReadmeLimits } from './limits.ts'
import type { Answer, Problem } from './worker/messages.ts'
import { WorkerPool } from './worker/worker-pool.ts'

export type { Description, RenderedReadme, Images } from './rendered.ts'
export type { ReadmeLimits } from './limits.ts'

export interface ReadmesOptions {
  readonly log: Log
  readonly limits?: Partial<ReadmeLimits>
}

/** A text that failed may have had bad luck with a busy machine: it gets another chance. */
const FAILURE_KEPT_MILLISECONDS = 10 * 60_000

/** No process runs before the first text, and none keeps the server up. To be closed. */
export class Readmes {
  readonly #limits: ReadmeLimits
  readonly #pool: WorkerPool
  readonly #kept: LRUCache<string, RenderedReadme>
  #isClosed = false
  readonly #flight = new SingleFlight<string, RenderedReadme>()

  constructor({ log, limits }: ReadmesOptions) {
    this.#limits = { ...defaultLimits, ...limits }
    this.#pool = new WorkerPool(this.#limits, log)
    this.#kept = new LRUCache({
      maxSize: this.#limits.cacheBytes,
      sizeCalculation: ({ html }) => 2 * html.length + 500,
    })
  }

  /** Never fails: what cannot be rendered is shown as it is, with a note. */
  async render(description: Description): Promise<RenderedReadme> {
    const { text, contentType, images = 'link' } = description
    const type = parseDescriptionType(contentType)
    if (type.unknown !== undefined)
      return showPlain(text, `Shown as plain text: ${type.unknown} is not known here.`)
    if (type.kind === 'plain' || text.trim() === '') return showPlain(text)
    if (text.length > this.#limits.characters) return showPlain(text, this.#explain('too-long'))

    const key = sha256(JSON.stringify([type, images, text]))
    const kept = this.#kept.get(key)
    if (kept) return kept
    const work = this.#flight.run(key, () => this.#render(key, { text, type, images }))
    return this.#patiently(work, text)
  }

  async #render(key: string, source: Source): Promise<RenderedReadme> {
    const { rendered, problem } = await this.#ask(source)
    if (rendered) {
      this.#kept.set(key, rendered)
      return rendered
    }
    if (problem === 'busy') return this.#busy(source.text)
    const plain = showPlain(source.text, this.#explain(problem))
    this.#kept.set(key, plain, { ttl: FAILURE_KEPT_MILLISECONDS })
    return plain
  }

  async #ask(source: Source): Promise<Answer> {
    if (this.#isClosed) return { problem: 'busy' }
    const { milliseconds, memoryMb, outputCharacters } = this.#limits
    return this.#pool.render({ source, limits: { milliseconds, memoryMb, outputCharacters } })
  }

  /** A page does not wait for others' texts: it shows the text plain, while the rendering goes on for the next. */
  async #patiently(work: Promise<RenderedReadme>, text: string): Promise<RenderedReadme> {
    const late = Promise.withResolvers<RenderedReadme>()
    const timer = setTimeout(() => late.resolve(this.#busy(text)), this.#limits.waitMilliseconds)
    try {
      return await Promise.race([work, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  #busy(text: string): RenderedReadme {
    return { ...showPlain(text, this.#explain('busy')), isPassing: true }
  }

  #explain(problem: Problem | 'too-long' = 'failed'): string {
    const { characters, milliseconds } = this.#limits
    const reasons: Readonly<Record<Problem | 'too-long', string>> = {
      'too-long': `it has more than ${characters.toLocaleString('en')} characters.`,
      'too-slow': `rendering it took longer than ${milliseconds} ms.`,
      'too-large': 'rendered, it would be too large.',
      'too-hungry': 'rendering it took too much memory.',
      failed: 'it could not be rendered.',
      busy: 'others are being rendered. Look again in a moment.',
    }
    return `Shown as plain text: ${reasons[problem]}`
  }

  close(): void {
    this.#isClosed = true
    this.#pool.close()
  }
}
