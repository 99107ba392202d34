import { expect, test } from 'vitest'
import { isNfsMount, requireMounted } from '#worker/hypervisor/libvirt/storage/nfs-mount.ts'

const mountInfo = `21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 21 0:40 / /srv/mounts/a\\040b rw,relatime shared:2 master:1 - nfs4 nas:/export rw,vers=4.2
31 21 0:41 / /srv/mounts/over rw,relatime - nfs nas:/export rw,vers=3
32 31 0:42 / /srv/mounts/over rw,relatime - tmpfs tmpfs rw
`

test.for([
  ['/srv/mounts/a b', true],
  ['/srv/mounts/over', false],
  ['/srv/mounts', false],
  ['/', false],
] as const)('an export is mounted at %s: %s', ([mountPoint, isMounted]) => {
  expect(isNfsMount(mountInfo, mountPoint)).toBe(isMounted)
})

test('a directory of the node is no export', async () => {
  await expect(requireMounted('/tmp')).rejects.toMatchObject({ reason: 'POOL_NOT_MOUNTED' })
})
