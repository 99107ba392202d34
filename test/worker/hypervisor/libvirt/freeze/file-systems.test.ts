import { expect, test } from 'vitest'
import { frozenMountPoints, readFileSystems } from '#worker/hypervisor/libvirt/freeze/file-systems.ts'

const root = { name: 'vda1', mountpoint: '/', type: 'ext4' }
const boot = { name: 'vda2', mountpoint: '/boot/efi', type: 'vfat' }
const data = { name: 'vdb1', mountpoint: '/data', type: 'xfs' }
const dataAgain = { name: 'vdb1', mountpoint: '/srv/data', type: 'xfs' }

test('a file system that is mounted twice is frozen once, and one that cannot be frozen is not named', () => {
  expect(frozenMountPoints([data, boot, root, dataAgain], 2)).toEqual(['/', '/data'])
})

test('file systems are named when the agent froze also what Linux cannot: another system did', () => {
  expect(frozenMountPoints([root, boot, data], 3)).toEqual(['/', '/boot/efi', '/data'])
})

test('no file system is named when the agent froze another number of them than there are', () => {
  expect(frozenMountPoints([root, data], 1)).toEqual([])
  expect(frozenMountPoints([], 2)).toEqual([])
})

test('what a guest answers is taken for file systems only where it has their shape, and no more of it than is sane', () => {
  expect(readFileSystems({ return: [root] })).toEqual([])
  expect(readFileSystems(null)).toEqual([])
  const nonsense = [null, 'ext4', { ...root, mountpoint: 7 }, { ...root, mountpoint: 'x'.repeat(2000) }, { name: 'a' }]
  expect(readFileSystems([...nonsense, root])).toEqual([root])
  expect(readFileSystems(Array.from({ length: 5000 }, () => root))).toHaveLength(256)
})
