/** What a file's name says of its kind, in the words that people know. */

export interface FileKind {
  readonly kind: string
  /** The tags of a wheel: `py3-none-any`; empty for others. */
  readonly tags: string
}

const endings: readonly (readonly [ending: RegExp, kind: string])[] = [
  [/\.(?:tar\.(?:gz|bz2|xz|Z)|tgz|tar)$/i, 'Source'],
  [/\.zip$/i, 'Source'],
  [/\.egg$/i, 'Egg'],
  [/\.exe$/i, 'MS Windows installer'],
  [/\.msi$/i, 'MSI'],
  [/\.dmg$/i, 'OS X Disk Image'],
  [/\.rpm$/i, 'RPM'],
  [/\.deb$/i, 'Debian package'],
]

export function fileKind(filename: string): FileKind {
  const wheel = /-([^-]+-[^-]+-[^-]+)\.whl$/i.exec(filename)
  if (wheel) return { kind: 'Python Wheel', tags: wheel[1] ?? '' }
  return { kind: endings.find(([ending]) => ending.test(filename))?.[1] ?? 'File', tags: '' }
}
