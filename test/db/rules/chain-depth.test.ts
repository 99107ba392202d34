import { expect, test } from 'vitest'
import { overlaysMax, overlaysMaxOf } from '#db/rules/chain-depth.ts'

test.for([
  ['9.0.0', overlaysMax],
  ['10.7.0', overlaysMax],
  ['10.8.0', 20],
  ['11.3.0', 20],
  ['11.10.0', 20],
  ['12.0.0', overlaysMax],
  ['12.1.0', overlaysMax],
] as const)('libvirt %s starts a VM on no deeper chain than a snapshot may make: %s', ([version, max]) => {
  expect(overlaysMaxOf(version)).toBe(max)
})
