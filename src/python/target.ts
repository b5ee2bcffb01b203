/** An installation that files are chosen for: its Python and its platform, as far as they are known. */
import type { WheelTags } from './filename.ts'
import type { MarkerValues } from './marker.ts'
import { parseVersion } from './version.ts'

export interface Target {
  /** The minor release, such as 3.12, and the whole version if it was given. */
  readonly python: { readonly minor: number; readonly text: string } | undefined
  /** As in a wheel's name, such as `manylinux_2_28_x86_64`. */
  readonly platform: string | undefined
}

/** `3.12` or `3.12.4`; undefined for any other text. */
export function parsePython(text: string): Target['python'] {
  const [, minor] = /^3\.(\d{1,3})(?:\.\d{1,3})?$/.exec(text) ?? []
  return minor === undefined ? undefined : { minor: Number(minor), text }
}

const PLATFORM =
  /^(?:(?:manylinux|musllinux)_\d{1,3}_\d{1,3}_\w+|manylinux(?:1|2010|2014)_\w+|linux_\w+|macosx_\d{1,3}_\d{1,3}_\w+|win32|win_(?:amd64|arm64))$/

export const isPlatform = (text: string): boolean => PLATFORM.test(text)

/** Whether the installation takes wheels with these tags. */
export function takesWheel({ python, platform }: Target, tags: WheelTags): boolean {
  const isForPython =
    !python || tags.python.some((one) => tags.abi.some((abi) => takesTag(python.minor, one, abi)))
  return isForPython && (!platform || tags.platform.some((one) => takesPlatform(platform, one)))
}

function takesTag(minor: number, python: string, abi: string): boolean {
  const [, kind, major, digits] = /^(py|cp)(\d)(\d*)$/.exec(python) ?? []
  if (major !== '3') return false
  if (kind === 'py') return abi === 'none' && (digits === '' || Number(digits) <= minor)
  if (abi === 'abi3') return Number(digits) <= minor
  return (abi === 'none' || abi === python) && digits === String(minor)
}

/** The lowest C library, or system, that a platform stands for. */
interface Level {
  readonly kind: string
  readonly major: number
  readonly minor: number
  readonly machine: string
}

const OLD: Readonly<Record<string, number>> = { '1': 5, '2010': 12, '2014': 17 }

function levelOf(platform: string): Level | undefined {
  const [, year = '', of = ''] = /^manylinux(1|2010|2014)_(\w+)$/.exec(platform) ?? []
  if (of !== '') return { kind: 'manylinux', major: 2, minor: OLD[year] ?? 0, machine: of }
  const [, kind, major, minor, machine = ''] =
    /^(manylinux|musllinux|macosx)_(\d+)_(\d+)_(\w+)$/.exec(platform) ?? []
  if (kind === undefined) return undefined
  return { kind, major: Number(major), minor: Number(minor), machine }
}

function takesPlatform(own: string, other: string): boolean {
  if (other === 'any' || other === own) return true
  const [here, there] = [levelOf(own), levelOf(other)]
  if (!here) return false
  if (!there) return here.kind !== 'macosx' && other === `linux_${here.machine}`
  const isOlder =
    there.major < here.major || (there.major === here.major && there.minor <= here.minor)
  const isUniversal = here.kind === 'macosx' && /^universal2?$/.test(there.machine)
  return here.kind === there.kind && isOlder && (there.machine === here.machine || isUniversal)
}

/** What markers may find there. */
export function markerValues(
  { python, platform }: Target,
  extras: readonly string[],
): MarkerValues {
  return {
    extra: ['', ...extras],
    ...(python && {
      python_version: [`3.${python.minor}`],
      // Of a Python of which only the minor release is known, the first patch and one late enough.
      python_full_version: /\.\d+\./.test(python.text)
        ? [python.text]
        : [`${python.text}.0`, `${python.text}.99`],
      implementation_name: ['cpython'],
      platform_python_implementation: ['CPython'],
    }),
    ...(platform !== undefined && platformValues(platform)),
  }
}

function platformValues(platform: string): MarkerValues {
  if (platform.startsWith('win')) {
    const machine = { win32: 'x86', win_arm64: 'ARM64' }[platform] ?? 'AMD64'
    return named('win32', 'Windows', machine, 'nt')
  }
  const machine = levelOf(platform)?.machine ?? platform.replace(/^linux_/, '')
  if (platform.startsWith('macosx')) return named('darwin', 'Darwin', machine, 'posix')
  return named('linux', 'Linux', machine, 'posix')
}

const named = (sys: string, system: string, machine: string, os: string): MarkerValues => ({
  sys_platform: [sys],
  platform_system: [system],
  platform_machine: [machine],
  os_name: [os],
})

/** Versions of Python to hold against `Requires-Python`: any of them will do. */
export function pythonVersions({ python }: Target) {
  if (!python) return []
  const texts = /\.\d+\./.test(python.text)
    ? [python.text]
    : [`${python.text}.0`, `${python.text}.99`]
  return texts.flatMap((text) => parseVersion(text) ?? [])
}
