import { expect, test } from 'vitest'
import { unprovenInCi } from '#infra/test-report.ts'

const live = '/checkout/test/live/daemon/daemon.test.ts'
const reportOf = (name: string, ...results: [status: string, fullName: string][]) => ({
  testResults: [
    { name, assertionResults: results.map(([status, fullName]) => ({ status, fullName, failureMessages: [] })) },
  ],
})

test('a run in CI proves nothing of libvirt where no live test passed', () => {
  const skipped = ['skipped', 'a VM on libvirt starts, skipped: libvirt needs Linux'] as [string, string]
  expect(unprovenInCi(reportOf(live, skipped))).toEqual([expect.stringContaining('The live suite did not run')])
  expect(unprovenInCi(reportOf('/checkout/test/api/vms.test.ts', ['passed', 'a VM is made']))).toHaveLength(1)
})

test.each([
  ['a client in another language, skipped: Debian packages python3-grpc-tools are not installed', 1],
  ['a pool on an iSCSI target, skipped: tgt is not installed is filled', 1],
  ['a network card comes and goes (skipped: this kernel has no bridges)', 0],
  ['a QEMU that is not installed is told of', 0],
])('a run in CI in which "%s" stands leaves %i tests unproven', (fullName, count) => {
  expect(unprovenInCi(reportOf(live, ['passed', 'a VM starts'], ['skipped', fullName]))).toHaveLength(count)
})

test('a test that only speaks of one that is skipped is none', () => {
  const speaking = ['passed', 'what says "skipped: tgt is not installed" is skipped'] as const
  expect(unprovenInCi(reportOf(live, ['passed', 'a VM starts'], [...speaking]))).toEqual([])
})
