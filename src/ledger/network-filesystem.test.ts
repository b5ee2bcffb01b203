import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { findMountType, networkFilesystem, networkFilesystemOfType } from './network-filesystem.ts'

const noMount = (): never => assert.fail('the mount table is read for FUSE alone')

test('network file systems are known by the magic number of statfs', () => {
  for (const [magicNumber, name] of [
    [0x6969, 'nfs'],
    [0xff534d42, 'cifs'],
    [0xff534d42 | 0, 'cifs'],
    [0xfe534d42, 'smb2'],
    [0x517b, 'smb'],
    [0x01021997, '9p'],
    [0x00c36400, 'ceph'],
  ] as const) {
    assert.equal(networkFilesystemOfType(magicNumber, noMount), name)
  }
})

test('disks, memory and overlays are local', () => {
  for (const magicNumber of [0xef53, 0x58465342, 0x9123683e, 0x2fc12fc1, 0x01021994, 0x794c7630]) {
    assert.equal(networkFilesystemOfType(magicNumber, noMount), undefined)
  }
})

test('a FUSE file system is a network one only if its mount is of a kind known as such', () => {
  const fuse = (mountType: string | undefined): string | undefined =>
    networkFilesystemOfType(0x65735546, () => mountType)

  assert.equal(fuse('fuse.sshfs'), 'fuse.sshfs')
  assert.equal(fuse('fuse.mergerfs'), undefined)
  assert.equal(fuse('fuseblk'), undefined)
  assert.equal(fuse('virtiofs'), undefined)
  assert.equal(fuse(undefined), undefined)
})

test('the mount of a folder is found by its device number', () => {
  const mountinfo = [
    '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '88 27 0:51 / /mnt/a\\040b rw,nosuid shared:29 master:3 - fuse.sshfs host:/srv rw,user_id=0',
    '89 27 0:300 / /mnt/c rw - fuse.mergerfs a:b rw',
  ].join('\n')

  assert.equal(findMountType(mountinfo, 65024n), 'ext4')
  assert.equal(findMountType(mountinfo, 51n), 'fuse.sshfs')
  assert.equal(findMountType(mountinfo, 0x10002cn), 'fuse.mergerfs')
  assert.equal(findMountType(mountinfo, 52n), undefined)
})

test('the folder for temporary files is on a local disk', () => {
  assert.equal(networkFilesystem(tmpdir()), undefined)
})
