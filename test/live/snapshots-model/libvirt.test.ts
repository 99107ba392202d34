import { describe, expect, inject, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { firmwareUnavailable } from '#test/live/hypervisor/firmware.ts'
import { startLiveSystem } from './live-system.ts'
import { operationsOf } from './operation.ts'
import { runOperations } from './run.ts'

const unavailable = libvirtAvailable()
/** The same each time, so that a red run is the change's doing; new sequences are what the soak is for. */
const seed = Number(process.env.SNAPSHOTS_SEED ?? 7000)

const runs = [
  { firmware: 'bios', enough: 200, seed, lacking: null },
  { firmware: 'uefi', enough: 120, seed, lacking: firmwareUnavailable() },
] as const

describe.skipIf(unavailable)(`snapshots of real VMs${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  test.concurrent.for(runs)(
    '$enough operations in any order through the API keep every byte of a $firmware VM (again: npm run soak:snapshots -- --firmware $firmware --operations $enough --seed $seed)',
    { timeout: 600_000 },
    async ({ firmware, enough, seed, lacking }, { skip }) => {
      skip(lacking !== null, lacking ?? '')
      const system = await startLiveSystem(inject('templateDatabaseUrl'))
      try {
        const operations = operationsOf(seed, 4 * enough)
        const done = await runOperations(system, { firmware, operations, snapshotsMax: 10, enough })
        expect(done.length).toBe(enough)
      } finally {
        await system.close()
      }
    },
  )
})
