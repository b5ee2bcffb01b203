/** Names and texts as packages have them, always the same: made from syllables, most words rare and some frequent. */

const stems = (
  'py test django data ml net flask async cli tool kit auto cloud aws json parse http graph robot lib core util text ' +
  'image video web api sdk bot sql mongo redis queue task plot math stat bio chem geo map torch keras sim game file log ' +
  'config env secure auth token hash zip tar xml yaml toml client server manager plugin extra'
).split(' ')

export class Vocabulary {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** From 0, below the end. */
  number(end: number): number {
    // Mulberry32: a small generator that is the same everywhere.
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * end)
  }

  word(): string {
    if (this.number(2) === 0) return stems[this.number(stems.length)] ?? 'py'
    const letters = Array.from({ length: 3 + this.number(6) }, () => 97 + this.number(26))
    return String.fromCharCode(...letters)
  }

  name(): string {
    const words = Array.from({ length: 1 + this.number(3) }, () => this.word())
    return words.join(this.number(3) === 0 ? '' : '-')
  }

  /** All different. */
  names(count: number): string[] {
    const names = new Set<string>()
    while (names.size < count) names.add(this.name())
    return [...names]
  }

  text(words: number): string {
    return Array.from({ length: words }, () => this.word()).join(' ')
  }
}
