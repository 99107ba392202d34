import { expect, test } from 'vitest'
import { followsPulls } from '#worker/hypervisor/libvirt/snapshot/pull-rule.ts'

test.for([
  ['9.0.0', true],
  ['9.0.4', true],
  ['9.1.0', false],
  ['11.3.0', false],
  ['', false],
] as const)(
  'files in the middle of a running chain are pulled only where libvirt is known to follow: %s, %s',
  ([version, follows]) => {
    expect(followsPulls(version)).toBe(follows)
  },
)
