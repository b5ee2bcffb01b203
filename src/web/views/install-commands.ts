/** How a release is installed, ready to be copied. */

export interface InstallCommand {
  /** `pip`, `uv`, `poetry`, `requirements` */
  readonly tool: string
  readonly text: string
}

export interface Installable {
  readonly project: string
  readonly version: string
  /** The whole address of the index's Simple page. */
  readonly simple: string
  readonly files: readonly { readonly sha256: string | undefined }[]
}

export function installCommands(wanted: Installable): InstallCommand[] {
  const { project, version, simple } = wanted
  const pinned = `${project}==${version}`
  return [
    { tool: 'pip', text: `pip install --index-url ${simple} ${pinned}` },
    { tool: 'uv', text: `uv add --default-index ${simple} ${pinned}` },
    {
      tool: 'poetry',
      text: `poetry source add --priority=primary wheelyard ${simple}\npoetry add ${pinned}`,
    },
    { tool: 'requirements', text: requirements(wanted) },
  ]
}

/** With hashes where all files have theirs: pip takes none of the others then. */
function requirements({ project, version, simple, files }: Installable): string {
  const hashes = files.flatMap(({ sha256 }) => sha256 ?? [])
  const head = `--index-url ${simple}\n${project}==${version}`
  if (hashes.length === 0 || hashes.length < files.length) return head
  return [head, ...hashes.map((hash) => `    --hash=sha256:${hash}`)].join(' \\\n')
}
