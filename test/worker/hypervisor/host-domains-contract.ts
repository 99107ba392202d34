import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type HypervisorUnderTest, snapshotOf, vmsOn } from './contract-vms.ts'

/** What every hypervisor promises of domains that others made. */
export function describeHostDomains(node: () => HypervisorUnderTest): void {
  const { aVm, stateOf } = vmsOn(node)

  describe('a domain that others made', () => {
    test('is listed beside our VMs, which are left out where that is asked for', async () => {
      const { hypervisor, makeForeign } = node()
      const id = await makeForeign()
      const { vmId } = await aVm()
      const idsBut = async (...except: string[]) =>
        (await hypervisor.listHostDomains(new Set(except))).map((domain) => domain.id)
      expect(await idsBut()).toEqual(expect.arrayContaining([id, vmId]))
      expect(await idsBut(vmId)).toContain(id)
      expect(await idsBut(vmId)).not.toContain(vmId)
    })

    test('is read with its state, its spec and what of it is not ours', async () => {
      const { hypervisor, makeForeign } = node()
      const id = await makeForeign()
      expect(await hypervisor.readHostDomain(id)).toMatchObject({
        id,
        state: 'STOPPED',
        persistent: true,
        managedSave: false,
        spec: { memory: { sizeMib: 64 }, disks: [{ target: 'vda', sizeGib: 1 }] },
        unmanaged: { devices: expect.arrayContaining(['sound']), disks: ['vda'] },
        drives: [{ target: 'vda', device: 'disk' }],
        writesTo: [expect.any(String)],
      })
      await hypervisor.startVm(id)
      expect(await hypervisor.readHostDomain(id)).toMatchObject({ state: 'RUNNING' })
      expect(await hypervisor.readHostDomain(randomUUID())).toBeNull()
    })

    test('has the same power as a VM of ours, and no snapshots', async () => {
      const { hypervisor, makeForeign } = node()
      const id = await makeForeign()
      expect(await hypervisor.checkDisks({ vmId: id, snapshots: [] })).toBeNull()
      await hypervisor.startVm(id)
      await hypervisor.pauseVm(id)
      expect(await stateOf(id)).toBe('PAUSED')
      await hypervisor.resumeVm(id)
      const refused = { code: 'failed_precondition', reason: 'DISK_NOT_MANAGED' }
      await expect(hypervisor.createSnapshot(snapshotOf(id))).rejects.toMatchObject(refused)
      await hypervisor.destroyVm(id)
      await expect(hypervisor.createSnapshot(snapshotOf(id))).rejects.toMatchObject(refused)
      expect(await hypervisor.findDisks(id)).toEqual([])
      await hypervisor.undefineVm(id, { keepState: true })
      await hypervisor.deleteVmFiles(id)
      expect(await hypervisor.readHostDomain(id)).toBeNull()
    })
  })
}
