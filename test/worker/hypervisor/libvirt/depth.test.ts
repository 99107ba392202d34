import { expect, test } from 'vitest'
import { overlaysMax, overlaysMaxOf } from '#worker/hypervisor/libvirt/snapshot/depth.ts'

test.for([
  [9_000_000n, overlaysMax],
  [10_007_000n, overlaysMax],
  [10_008_000n, 20],
  [11_003_000n, 20],
  [11_010_000n, 20],
  [12_000_000n, overlaysMax],
] as const)('libvirt %s starts a VM on no deeper chain than a snapshot may make: %s', ([version, max]) => {
  expect(overlaysMaxOf(version)).toBe(max)
})
