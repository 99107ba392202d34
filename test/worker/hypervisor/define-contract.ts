import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { definition, type HypervisorUnderTest, refusal, stopped, vmsOn } from './contract-vms.ts'

/** What every hypervisor promises of making VMs and their disks, and of removing them. */
export function describeDefinitions(node: () => HypervisorUnderTest): void {
  const { aVm, makeDisks, stateOf } = vmsOn(node)

  describe('defining', () => {
    test('a VM that nobody defined is not there', async () => {
      expect(await node().hypervisor.observeVm(randomUUID())).toBeNull()
    })

    test('twice leaves one stopped VM', async () => {
      const vm = await aVm()
      await makeDisks(vm)
      await node().hypervisor.defineVm(vm)
      expect(await node().hypervisor.observeVm(vm.vmId)).toEqual(stopped(vm.vmId, null))
    })

    test("with another VM's name is refused, and leaves the other alone", async () => {
      const vm = await aVm()
      const other = { ...definition({ disks: [] }), name: vm.name }
      await expect(node().hypervisor.defineVm(other)).rejects.toMatchObject({
        code: 'already_exists',
        reason: 'NAME_TAKEN',
      })
      expect(await node().hypervisor.observeVm(other.vmId)).toBeNull()
      expect(await stateOf(vm.vmId)).toBe('STOPPED')
    })

    test('with an ISO that is not there is refused with what there is', async () => {
      await node().addImage('there.iso', 2 ** 20)
      const vm = definition({ disks: [], cdroms: [{ iso: 'missing.iso' }] })
      const error = await refusal(node().hypervisor.defineVm(vm))
      expect(error).toMatchObject({ code: 'not_found', reason: 'ISO_NOT_FOUND' })
      expect(error.message).toContain('there.iso')
      await node().hypervisor.defineVm({ ...vm, spec: { ...vm.spec, cdroms: [{ target: 'sda', iso: 'there.iso' }] } })
      expect(await stateOf(vm.vmId)).toBe('STOPPED')
    })

    test('a VM that is gone is gone, also when it is removed again', async () => {
      const { vmId } = await aVm()
      await expect(node().hypervisor.deleteVmFiles(vmId)).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'VM_IS_DEFINED',
      })
      for (let time = 0; time < 2; time++) {
        await node().hypervisor.undefineVm(vmId)
        await node().hypervisor.deleteVmFiles(vmId)
        expect(await node().hypervisor.observeVm(vmId)).toBeNull()
      }
    })

    test('a mode that does not run here is refused with the reason', async ({ skip }) => {
      const unsupported = (await node().hypervisor.probeCpuModes()).find(({ supported }) => !supported)
      if (!unsupported) return skip('every CPU mode runs on this node')
      const error = await refusal(node().hypervisor.defineVm(definition({ cpuMode: unsupported.mode, disks: [] })))
      expect(error).toMatchObject({ code: 'failed_precondition', reason: 'CPU_MODE_NOT_SUPPORTED' })
      expect(error.message).toContain(unsupported.message)
    })
  })

  describe('a disk', () => {
    test('of a base image that is not there is refused with what there is', async () => {
      await node().addImage('there.raw', 2 ** 20)
      const error = await refusal(
        node().hypervisor.createDisk({ vmId: randomUUID(), target: 'vda', baseImage: 'missing.qcow2' }),
      )
      expect(error).toMatchObject({ code: 'not_found', reason: 'BASE_IMAGE_NOT_FOUND' })
      expect(error.message).toContain('there.raw')
    })

    test.for(['../there.raw', '/etc/passwd', '', '.', '..', 'there.raw/', './there.raw', 'there.raw\0'])(
      'of no name in the image directory is refused: %j',
      async (baseImage) => {
        await node().addImage('there.raw', 2 ** 20)
        await expect(
          node().hypervisor.createDisk({ vmId: randomUUID(), target: 'vda', baseImage }),
        ).rejects.toMatchObject({
          code: 'not_found',
          reason: 'BASE_IMAGE_NOT_FOUND',
        })
      },
    )

    test('of a base image takes its size, or a larger one, and no smaller one', async () => {
      await node().addImage('large.raw', 1.5 * 2 ** 30)
      const vmId = randomUUID()
      const disk = { vmId, target: 'vda', baseImage: 'large.raw' }
      await expect(node().hypervisor.createDisk({ ...disk, sizeGib: 1 })).rejects.toMatchObject({
        code: 'invalid_argument',
        reason: 'DISK_SMALLER_THAN_IMAGE',
      })
      await node().hypervisor.createDisk(disk)
      await node().hypervisor.createDisk({ ...disk, target: 'vdb', sizeGib: 2 })
      await node().hypervisor.deleteVmFiles(vmId)
    })
  })
}
