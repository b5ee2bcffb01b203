/** For which mirrors each origin was asked: their pages and redirects name hosts that no option tells of. */
import { soleCrew, type Crew } from '#base/crew'
import { mostRecent } from '#base/most-recent'

/** By every process of the server the same. */
type ToldAsker = readonly [origin: string, mirrorUrl: string]

const TOPIC = 'askers'
const MOST_ORIGINS = 10_000
const MOST_MIRRORS = 1000

export class Askers {
  readonly #mirrors = mostRecent<string, Set<string>>(MOST_ORIGINS)
  readonly #crew: Crew
  #revision = 0

  constructor(crew: Crew = soleCrew) {
    this.#crew = crew
    crew.onCast(TOPIC, (told) => this.#take(told as ToldAsker))
    crew.onGather(TOPIC, () => this.#list())
    void crew.gather(TOPIC).then((answers) => {
      for (const told of answers.flat() as ToldAsker[]) if (told) this.#take(told)
    })
  }

  /** Goes up with everything that is noted for the first time. */
  get revision(): number {
    return this.#revision
  }

  /** `mirrorUrl`: as `addressOf` gives it. */
  note(origin: string, mirrorUrl: string): void {
    const told: ToldAsker = [origin, mirrorUrl]
    if (this.#take(told)) this.#crew.cast(TOPIC, told)
  }

  /** The addresses of the mirrors. */
  of(origin: string): ReadonlySet<string> {
    return this.#mirrors.peek(origin) ?? none
  }

  #take([origin, mirrorUrl]: ToldAsker): boolean {
    const known = this.#mirrors.get(origin) ?? new Set<string>()
    if (known.has(mirrorUrl) || known.size >= MOST_MIRRORS) return false
    this.#mirrors.set(origin, known.add(mirrorUrl))
    this.#revision++
    return true
  }

  #list(): ToldAsker[] {
    return [...this.#mirrors].flatMap(([origin, mirrors]) =>
      Array.from(mirrors, (mirrorUrl): ToldAsker => [origin, mirrorUrl]),
    )
  }
}

const none: ReadonlySet<string> = new Set()
