import { describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { startLibvirtNode } from '#test/live/hypervisor/libvirt-node.ts'
import { libvirtDisks } from './libvirt-disks.ts'
import { operationsOf } from './operation.ts'
import { runOperations } from './run.ts'

const unavailable = libvirtAvailable()
const perVm = 160
/** The same each time, so that a red run is the change's doing; new sequences are what the soak is for. */
const firstSeed = Number(process.env.SNAPSHOTS_SEED ?? 7000)

describe.skipIf(unavailable)(`snapshots of real VMs${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  test.concurrent.each([firstSeed, firstSeed + 1])(
    `${perVm} operations in any order keep every byte (again: npm run soak:snapshots -- --vms 1 --operations ${perVm} --seed %i)`,
    async (seed) => {
      const node = await startLibvirtNode({ virtType: 'qemu' })
      try {
        await node.hypervisor.probeCpuModes()
        const operations = operationsOf(seed, 3 * perVm)
        const done = await runOperations(libvirtDisks(node), { operations, snapshotsMax: 10, enough: perVm })
        expect(done.length).toBe(perVm)
      } finally {
        await node.close()
      }
    },
    240_000,
  )
})
