/** Only so many newest versions of each project, counted among those that other policies leave. */
import { canonicalVersion, compareVersionTexts, isPrerelease, parseVersion } from '#python/version'
import { countOption } from '#plugins/options'
import { definePlugin } from '#plugins/plugin'

export const newest = definePlugin({
  name: 'newest-versions',

  indexOptions: {
    newest_versions: countOption({
      doc: 'Offer this many newest versions of each project, and pre-releases newer than the oldest of them.',
    }),
  },

  hooks: {
    filterLinks({ newest_versions: count = 0 }) {
      if (count === 0) return undefined
      return ({ links }) => {
        const versions = [...new Set(links.map(({ file }) => canonical(file.version)))]
        const finals = versions.filter((text) => !isPre(text)).sort(compareVersionTexts)
        const counted = finals.length > 0 ? finals : versions.sort(compareVersionTexts)
        const oldest = counted.at(-count)
        const kept = new Set(
          versions.filter((text) => oldest === undefined || compareVersionTexts(text, oldest) >= 0),
        )
        const reason = `newer versions are ${count} already`
        return ({ file }) => (kept.has(canonical(file.version)) ? undefined : { reason })
      }
    },
  },
})

function canonical(text: string): string {
  const version = parseVersion(text)
  return version ? canonicalVersion(version) : text
}

function isPre(text: string): boolean {
  const version = parseVersion(text)
  return !version || isPrerelease(version)
}
