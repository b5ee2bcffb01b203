/** `filetype` and `pyversion` of the legacy upload API, from a file's name (as devpi has them). */

export interface UploadType {
  readonly filetype: string
  readonly pyversion: string
}

const binaryTypes: Readonly<Record<string, string>> = {
  whl: 'bdist_wheel',
  egg: 'bdist_egg',
  exe: 'bdist_wininst',
  msi: 'bdist_msi',
}

/** Built by distutils' `bdist_dumb`: an archive for one platform. */
const built = /\.(?:linux-|macosx-\d|win)[^-]*(?:-[^-]+)*\.(?:zip|tar\.gz|tgz)$/i

export function uploadType(filename: string): UploadType {
  if (/\.(?:zip|tar\.gz|tgz)$/i.test(filename) && !built.test(filename)) {
    return { filetype: 'sdist', pyversion: 'source' }
  }
  const [, extension = ''] = /\.(whl|egg|exe|msi)$/i.exec(filename) ?? []
  const filetype = binaryTypes[extension.toLowerCase()]
  const pyversion = pythonVersion(filename, filetype === 'bdist_wheel')
  return filetype === undefined || pyversion === undefined
    ? { filetype: 'bdist_dumb', pyversion: 'any' }
    : { filetype, pyversion }
}

function pythonVersion(filename: string, isWheel: boolean): string | undefined {
  const tags = isWheel ? (filename.split('-').at(-3) ?? '') : filename
  // Nobody reads more out of it than that.
  if (isWheel && /^py2\.py3$/i.test(tags)) return '2.7'
  const pattern = isWheel ? /^(?:py|cp|ip|pp|jy)(\d+)/i : /-(?:py|cp|ip|pp|jy)(\d+(?:\.\d+)?)/i
  const [, digits] = pattern.exec(tags) ?? []
  if (digits === undefined || digits.includes('.') || digits.length === 1) return digits
  return `${digits[0]}.${digits.slice(1)}`
}
