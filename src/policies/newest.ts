/** Only so many newest versions of each project, counted among those that other policies leave. */
import { findOldestOfNewest } from '#python/newest-versions'
import { compareRead, readVersion } from '#python/version-order'
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

/** Those of the texts that are older than the `count` newest versions. */
function listOlder(texts: ReadonlySet<string>, count: number): ReadonlySet<string> {
  const oldest = findOldestOfNewest(texts, count)
  return new Set([...texts].filter((text) => oldest && compareRead(readVersion(text), oldest) < 0))
}
