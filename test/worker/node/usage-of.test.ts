import { expect, test } from 'vitest'
import type { VmCounters } from '#worker/hypervisor/measurement.ts'
import { usageOf } from '#worker/node/usage-of.ts'

const counters = (parts: Partial<VmCounters> = {}): VmCounters => ({
  vmId: 'vm-1',
  runId: 'run-1',
  vcpus: 2,
  cpuTimeSeconds: 10,
  memory: { balloonBytes: 1024, residentBytes: 512, guestTotalBytes: null, guestUsedBytes: null },
  disks: [disk()],
  nics: [nic()],
  ...parts,
})
const disk = (parts = {}) => ({
  ...{ target: 'vda', readBytes: 1000, writtenBytes: 0, readRequests: 10, writeRequests: 0 },
  ...{ capacityBytes: 2 ** 30, fileBytes: 4096, ...parts },
})
const nic = (parts = {}) => ({
  ...{ mac: '52:54:00:00:00:01', receivedBytes: 100, sentBytes: 200, receivedPackets: 1, sentPackets: 2 },
  ...{ droppedPackets: 0, ...parts },
})

const before = { counters: counters(), atMs: 1000 }

test('rates are what was used between two samples, and CPU is a share of all vCPUs', () => {
  const later = counters({
    cpuTimeSeconds: 25,
    disks: [disk({ readBytes: 31_000, readRequests: 40 })],
    nics: [nic({ receivedBytes: 3100 })],
  })
  expect(usageOf({ counters: later, atMs: 31_000 }, before)).toMatchObject({
    cpu: { timeSeconds: 25, percent: 25 },
    disks: [{ target: 'vda', readBytes: 31_000, readBytesPerSecond: 1000, writtenBytesPerSecond: 0, readIops: 1 }],
    nics: [{ receivedBytes: 3100, receivedBytesPerSecond: 100, sentBytesPerSecond: 0 }],
  })
})

test.each([
  ['the first sample has', counters(), undefined],
  ['another run of the VM has', counters({ runId: 'run-2', cpuTimeSeconds: 1 }), before],
  ['what was counted anew has', counters({ cpuTimeSeconds: 1, disks: [disk({ readBytes: 1 })], nics: [] }), before],
  ['what came since has', counters({ cpuTimeSeconds: 1, disks: [disk({ target: 'vdb' })], nics: [] }), before],
])('%s totals and no rates', (_, now, earlier) => {
  const { cpu, disks } = usageOf({ counters: now, atMs: 31_000 }, earlier)
  expect(cpu).toEqual({ timeSeconds: now.cpuTimeSeconds, percent: null })
  expect(disks[0]).toMatchObject({ readBytes: now.disks[0]?.readBytes, readBytesPerSecond: null })
})
