import { expect, test } from 'vitest'
import {
  frozenBy,
  frozenMountPoints,
  planFreeze,
  readFileSystems,
} from '#worker/hypervisor/libvirt/freeze/file-systems.ts'

const root = { name: 'vda1', mountpoint: '/', type: 'ext4', device: 'vda1' }
const boot = { name: 'vda2', mountpoint: '/boot/efi', type: 'vfat', device: 'vda2' }
const data = { name: 'vdb1', mountpoint: '/data', type: 'xfs', device: '/dev/vdb1' }
const dataAgain = { ...data, mountpoint: '/srv/data' }

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
  const { device: _, ...told } = data
  expect(
    readFileSystems([
      { ...told, disk: [{ dev: '/dev/vdb1', bus: 0 }] },
      { ...root, disk: [7] },
    ]),
  ).toEqual([data, root])
  const nonsense = [null, 'ext4', { ...root, mountpoint: 7 }, { ...root, mountpoint: 'x'.repeat(2000) }, { name: 'a' }]
  expect(readFileSystems([...nonsense, root])).toEqual([root])
  expect(readFileSystems(Array.from({ length: 5000 }, () => root))).toHaveLength(256)
})

test('all file systems of a guest are frozen when its agent froze as many as can be; of the rest it is said why not', () => {
  const plan = planFreeze([root, boot, data, dataAgain], [])
  expect(plan).toMatchObject({ mountPoints: null, isWhole: true })
  expect(frozenBy(plan, 2)).toEqual([
    { mountPoint: '/', device: 'vda1', type: 'ext4', frozen: true, error: null },
    expect.objectContaining({ mountPoint: '/boot/efi', frozen: false, error: expect.stringContaining('vfat') }),
    { mountPoint: '/data', device: '/dev/vdb1', type: 'xfs', frozen: true, error: null },
  ])
  for (const count of [0, 1, 4]) expect(frozenBy(plan, count)).toBe(null)
})

test('mount points that are named are all frozen or none, and those of one device count once', () => {
  const mounted = [root, boot, data, dataAgain]
  const twice = planFreeze(mounted, ['/data', '/srv/data', '/data'])
  expect(twice).toMatchObject({ mountPoints: ['/data', '/srv/data'], isWhole: false })
  expect(frozenBy(twice, 1)?.map(({ frozen }) => frozen)).toEqual([true, true])
  expect(frozenBy(twice, 2)).toBe(null)
  expect(planFreeze(mounted, ['/srv/data', '/']).isWhole).toBe(true)
})

test.for([['/nowhere', 'MOUNT_POINT_NOT_FOUND'] as const, ['/boot/efi', 'MOUNT_POINT_CANNOT_FREEZE'] as const])(
  'a mount point that cannot be frozen is refused before anything is: %s',
  ([mountPoint, reason]) => {
    expect(() => planFreeze([root, boot], ['/', mountPoint])).toThrow(
      expect.objectContaining({ code: 'invalid_argument', reason }),
    )
  },
)
