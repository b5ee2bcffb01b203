/** Tells network file systems from local ones: SQLite's log lives on memory that all its processes share. */
import { readFileSync, statfsSync, statSync } from 'node:fs'

/** Linux: `f_type` of statfs(2), from the kernel's `linux/magic.h` and the file systems' own headers. */
const byMagicNumber: ReadonlyMap<number, string> = new Map([
  [0x6969, 'nfs'],
  [0x517b, 'smb'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'smb2'],
  [0x01021997, '9p'],
  [0x00c36400, 'ceph'],
  [0x0bd00bd0, 'lustre'],
  [0x47504653, 'gpfs'],
  [0x19830326, 'beegfs'],
  [0x5346414f, 'afs'],
  [0x6b414653, 'afs'],
  [0x73757245, 'coda'],
  [0x564c, 'ncp'],
])

const FUSE = 0x65735546

/** What the mount table calls FUSE file systems that lie on a network. Most others are local, as mergerfs and NTFS. */
const networkFuse: ReadonlySet<string> = new Set([
  'fuse.sshfs',
  'fuse.glusterfs',
  'fuse.ceph',
  'fuse.ceph-fuse',
  'fuse.s3fs',
  'fuse.goofys',
  'fuse.mount-s3',
  'fuse.mountpoint-s3',
  'fuse.gcsfuse',
  'fuse.blobfuse',
  'fuse.blobfuse2',
  'fuse.rclone',
  'fuse.juicefs',
  'fuse.seaweedfs',
  'fuse.mfs',
  'fuse.davfs',
  'fuse.davfs2',
  'fuse.curlftpfs',
  'fuse.smbnetfs',
  'fuse.nfs',
])

/** The name of the network file system that a folder lies on. Undefined for a local one, and where it can't be told. */
export function networkFilesystem(folder: string): string | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return networkFilesystemOfType(statfsSync(folder).type, () => mountTypeOf(folder))
  } catch {
    return undefined // whoever opens a file there meets the same error, and reports it
  }
}

/** `mountType` is asked for FUSE alone, which says no more of itself than that. */
export function networkFilesystemOfType(
  magicNumber: number,
  mountType: () => string | undefined,
): string | undefined {
  // The kernel's number is signed; on 32 bits the CIFS ones are negative.
  const type = magicNumber >>> 0
  if (type !== FUSE) return byMagicNumber.get(type)
  const name = mountType()
  return name !== undefined && networkFuse.has(name) ? name : undefined
}

function mountTypeOf(folder: string): string | undefined {
  const device = statSync(folder, { bigint: true }).dev
  return findMountType(readFileSync('/proc/self/mountinfo', 'utf8'), device)
}

/** The file system type of the mount with a device number, from the text of proc_pid_mountinfo(5). */
export function findMountType(mountinfo: string, device: bigint): string | undefined {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn)
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn)
  for (const line of mountinfo.split('\n')) {
    const [mount = '', source = ''] = line.split(' - ')
    if (mount.split(' ')[2] === `${major}:${minor}`) return source.split(' ')[0]
  }
  return undefined
}
