import { describe, expect, test } from 'vitest'
import type { SeedRequest } from '#worker/hypervisor/port.ts'
import { definition, type HypervisorUnderTest, snapshotOf, vmsOn } from './contract-vms.ts'

/** What every hypervisor promises of the drive that cloud-init reads. */
export function describeSeeds(node: () => HypervisorUnderTest): void {
  const { makeDisks } = vmsOn(node)

  /** Whether the seed had to be made. */
  async function makes(vmId: string, revision: string): Promise<boolean> {
    let asked = false
    const files: SeedRequest['files'] = async () => {
      asked = true
      return { 'meta-data': '{}', 'user-data': '#cloud-config\n' }
    }
    await node().hypervisor.ensureSeed({ vmId, revision, files })
    return asked
  }

  async function aSeededVm() {
    const vm = definition({ cloudInit: {} })
    await makeDisks(vm)
    await makes(vm.vmId, 'first')
    await node().hypervisor.defineVm(vm)
    return vm.vmId
  }

  describe('the drive that cloud-init reads', () => {
    test('is made once, anew for other data, and goes with the files of its VM', async () => {
      const { hypervisor } = node()
      const vmId = await aSeededVm()
      expect(await makes(vmId, 'first')).toBe(false)
      expect(await makes(vmId, 'second')).toBe(true)
      expect(await makes(vmId, 'second')).toBe(false)
      await hypervisor.startVm(vmId)
      await hypervisor.destroyVm(vmId)
      expect(await makes(vmId, 'second')).toBe(false)
      await hypervisor.undefineVm(vmId)
      await hypervisor.deleteVmFiles(vmId)
      expect(await makes(vmId, 'second')).toBe(true)
      await hypervisor.deleteVmFiles(vmId)
    })

    test('whose data cannot be had stays as it is', async () => {
      const { hypervisor } = node()
      const vmId = await aSeededVm()
      const files = () => Promise.reject(new Error('no key'))
      await expect(hypervisor.ensureSeed({ vmId, revision: 'second', files })).rejects.toThrow('no key')
      expect(await makes(vmId, 'first')).toBe(false)
    })

    test('is no disk: it is in no snapshot, is not kept, and outlives reverts and reclaims', async () => {
      const { hypervisor } = node()
      const vmId = await aSeededVm()
      await hypervisor.startVm(vmId)
      const request = snapshotOf(vmId, { includeMemory: true })
      const taken = await hypervisor.createSnapshot(request)
      expect(taken.disks.map(({ target }) => target)).toEqual(['vda'])
      const snapshot = { ...taken, snapshotId: request.snapshotId }
      await hypervisor.revertToSnapshot({ vmId, operationId: vmId, snapshot, keepAs: null, start: true })
      await hypervisor.reclaimFiles({ vmId, keep: [] })
      expect(await hypervisor.checkDisks({ vmId, snapshots: [] })).toBeNull()
      await hypervisor.destroyVm(vmId)
      expect(await hypervisor.checkDisks({ vmId, snapshots: [] })).toBeNull()
      expect((await hypervisor.findDisks(vmId)).map(({ target }) => target)).toEqual(['vda'])
      expect(await makes(vmId, 'first')).toBe(false)
      await hypervisor.undefineVm(vmId)
      expect((await hypervisor.findDisks(vmId)).map(({ target }) => target)).toEqual(['vda'])
    })
  })
}
