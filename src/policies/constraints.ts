/** An index that offers only what a constraints or requirements file names, with its hashes. */
import type { ProjectName } from '#python/name'
import { parseRequirements, type Requirement } from '#python/requirements'
import { matches } from '#python/specifier'
import { parseVersion } from '#python/version'
import { textOption } from '#plugins/options'
import { definePlugin } from '#plugins/plugin'

export const constraints = definePlugin({
  name: 'constraints',

  indexOptions: {
    constraints: textOption({
      doc: 'The text of a constraints, requirements or lock file: offer only what it names, with its hashes.',
      read: readConstraints,
    }),
  },

  hooks: {
    filterLinks({ constraints: named }) {
      if (!named) return undefined
      return ({ project }) => {
        const own = named.get(project)
        if (!own) return () => ({ reason: `constraints does not name ${project}` })
        return ({ file }) => {
          const version = parseVersion(file.version)
          const fitting = own.filter(
            ({ specifiers }) =>
              specifiers.length === 0 || (version !== undefined && matches(specifiers, version)),
          )
          // As with pip's -c: all that is said of a project must hold.
          if (fitting.length < own.length)
            return { reason: `constraints does not name ${file.version}` }
          const hashed = fitting.flatMap(({ hashes }) => (hashes ? [hashes] : []))
          const digest = file.digest ?? file.hashes.sha256
          const isRight = hashed.every((hashes) => digest !== undefined && hashes.has(digest))
          return isRight ? undefined : { reason: 'constraints has other hashes' }
        }
      }
    },
  },
})

type Constraints = ReadonlyMap<ProjectName, readonly Requirement[]>

function readConstraints(text: string): Constraints | string {
  const parsed = parseRequirements(text)
  if (!Array.isArray(parsed)) {
    const { line, problem } = parsed as { line: number; problem: string }
    return `line ${line}: ${problem}`
  }
  return Map.groupBy(parsed as readonly Requirement[], ({ project }) => project)
}
