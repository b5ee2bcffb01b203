/** File names of the days before wheels: which kinds there were, and what their names carry after the version. */

export type PackageType =
  | 'sdist'
  | 'bdist_wheel'
  | 'bdist_egg'
  | 'bdist_wininst'
  | 'bdist_msi'
  | 'bdist_rpm'
  | 'bdist_dmg'
  | 'bdist_dumb'

const archive =
  /^(.+?)\.(tar\.(?:gz|bz2|xz|lzma|z)|tar|tgz|tbz|txz|zip|bz2|whl|egg|exe|msi|rpm|dmg|deb)$/i

const binaryTypes: Readonly<Record<string, PackageType>> = {
  whl: 'bdist_wheel',
  egg: 'bdist_egg',
  exe: 'bdist_wininst',
  msi: 'bdist_msi',
  rpm: 'bdist_rpm',
  dmg: 'bdist_dmg',
  deb: 'bdist_dumb',
}

/** The platform that distutils put after the version of everything built. */
const platform = /\.(?:win32|win-\w+|linux-\w+|macosx-[0-9.]+-\w+)$/

/** What may follow a version, from the end of the name inwards. */
const decorations = [
  /-py[0-9]+(?:\.[0-9]+)?(?:-(?:win|linux|macosx|cygwin)\S*)?$/,
  platform,
  /(?:-[0-9]+)?\.(?:src|noarch|x86_64|i[3-6]86)$/,
  /(?:-[0-9]+)?_(?:all|amd64|i386|arm64)$/,
  /\.doc$/,
]

/** A file name without the extension of an archive, and the kind that it shows; undefined without one. */
export function splitExtension(filename: string): { stem: string; type: PackageType } | undefined {
  const [, stem, extension] = archive.exec(filename) ?? []
  if (stem === undefined || extension === undefined) return undefined
  const binary = binaryTypes[extension.toLowerCase()]
  return { stem, type: binary ?? (platform.test(stem) ? 'bdist_dumb' : 'sdist') }
}

/** Name and version of a file that is neither a wheel nor an sdist by today's rules: the rest is cut off. */
export function legacyStem(filename: string): string | undefined {
  const { stem, type } = splitExtension(filename) ?? {}
  if (stem === undefined) return undefined
  if (type === 'bdist_wheel') return stem.replace(/(?:-[^-]+){3}$/, '')
  return decorations.reduce((rest, decoration) => rest.replace(decoration, ''), stem)
}
