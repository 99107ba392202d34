import { expect, test } from 'vitest'
import { createVmMeter } from '#worker/daemon/vm-meter.ts'
import type { VmCounters } from '#worker/hypervisor/measurement.ts'

const vmId = 'vm-1'

/** A node with one VM whose processor time and clock are what the test says. */
function aNode() {
  const state = { atMs: 0, cpuTimeSeconds: 0, runId: 'run-1', busy: false, hangs: false }
  const vm = () => ({
    ...{ vmId, state: 'RUNNING' as const, stateReason: null, runId: state.runId },
    ...{ effectiveCpu: null, runningSpec: null, guestAgentConnected: null },
  })
  const counters = (): VmCounters => ({
    ...{ vmId, runId: state.runId, vcpus: 4, cpuTimeSeconds: state.cpuTimeSeconds, disks: [], nics: [] },
    memory: { balloonBytes: null, residentBytes: null, guestTotalBytes: null, guestUsedBytes: 1024 },
  })
  const hypervisor = {
    measureVms: async () => {
      if (state.hangs) await new Promise(() => {})
      return [{ ...vm(), counters: state.busy ? null : counters() }]
    },
    observeVms: async () => [{ ...vm(), definedOnNode: true }],
  }
  const meter = createVmMeter(hypervisor, () => state.atMs)
  const measure = async (changes: Partial<typeof state>) => {
    Object.assign(state, changes)
    return (await meter.measure([vmId])).get(vmId)
  }
  return { measure, cpuPercent: async (changes: Partial<typeof state>) => (await measure(changes))?.usage?.cpuPercent }
}

test('processor time is a share of one processor since the sample before, and not known with the first', async () => {
  const { cpuPercent } = aNode()
  expect(await cpuPercent({})).toBeNull()
  expect(await cpuPercent({ atMs: 10_000, cpuTimeSeconds: 15 })).toBe(150)
  expect(await cpuPercent({ atMs: 12_000, cpuTimeSeconds: 16 })).toBe(50)
})

test('who asks again at once is told the share of before, for one over no time is noise', async () => {
  const { cpuPercent } = aNode()
  await cpuPercent({})
  await cpuPercent({ atMs: 10_000, cpuTimeSeconds: 5 })
  expect(await cpuPercent({ atMs: 10_010, cpuTimeSeconds: 5.01 })).toBe(50)
  expect(await cpuPercent({ atMs: 15_000, cpuTimeSeconds: 6 })).toBe(20)
})

test('a VM that was started anew, or was not asked for in ten minutes, has no share yet', async () => {
  const { cpuPercent } = aNode()
  await cpuPercent({})
  expect(await cpuPercent({ atMs: 10_000, runId: 'run-2', cpuTimeSeconds: 1 })).toBeNull()
  expect(await cpuPercent({ atMs: 20_000, cpuTimeSeconds: 6 })).toBe(50)
  expect(await cpuPercent({ atMs: 700_000, cpuTimeSeconds: 12 })).toBeNull()
})

test('a VM on which another call is at work keeps what was counted last', async () => {
  const { measure } = aNode()
  await measure({ busy: true })
  expect((await measure({}))?.usage).toBeNull()
  await measure({ busy: false, cpuTimeSeconds: 3 })
  expect((await measure({ busy: true, atMs: 5000 }))?.usage?.counters.cpuTimeSeconds).toBe(3)
})

test('a QEMU that does not answer keeps nobody from learning how its VM is', async () => {
  const { measure } = aNode()
  await measure({ cpuTimeSeconds: 3 })
  expect(await measure({ hangs: true, atMs: 5000 })).toMatchObject({
    state: 'RUNNING',
    usage: { counters: { cpuTimeSeconds: 3 } },
  })
})
