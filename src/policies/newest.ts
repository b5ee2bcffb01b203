/** Only so many newest versions of each project, counted among those that other policies leave. */
import { compareRead, readVersion } from '#python/version-order'
import { isPrerelease } from '#python/version'
import { countOption } from '#plugins/amount-options'
import { definePlugin } from '#plugins/plugin'

export const newest = definePlugin({
  name: 'newest-versions',

  indexOptions: {
    newest_versions: countOption({
      doc: 'Offer this many newest versions of each project, and pre-releases newer than the oldest of them.',
    }),
  },

  hooks: {
    filterLinks({ newest_versions: count }) {
      if (count === undefined) return undefined
      const reason = `newer versions are ${count} already`
      return ({ links }) => {
        const hidden = listOlder(new Set(links.map(({ file }) => file.version)), count)
        return ({ file }) => (hidden.has(file.version) ? { reason } : undefined)
      }
    },
  },
})

/** Those of the texts that are older than the `count` newest versions. `1.0` and `1.0.0` are one. */
function listOlder(texts: ReadonlySet<string>, count: number): ReadonlySet<string> {
  if (texts.size <= count) return new Set()
  const all = Array.from(texts, readVersion).sort((a, b) => compareRead(b, a))
  const finals = all.filter(({ version }) => version && !isPrerelease(version))
  const counted = finals.length > 0 ? finals : all
  const distinct = counted.filter((one, at) => at === 0 || compareRead(one, counted[at - 1]!) !== 0)
  const oldest = distinct[count - 1]
  if (!oldest) return new Set()
  return new Set(all.filter((one) => compareRead(one, oldest) < 0).map(({ text }) => text))
}
