import { expect, test } from 'vitest'
import { definition, type HypervisorUnderTest, vmsOn } from './contract-vms.ts'

/** An image that something needs is not deleted, so a node names all that does. */
export function describeImageUsers(node: () => HypervisorUnderTest): void {
  const { makeDisks } = vmsOn(node)

  test('what stands on an image is named, also when no definition does any more, and what holds it', async () => {
    const { hypervisor, addImage } = node()
    await addImage('used.img', 2 ** 20)
    await addImage('used.img.old', 2 ** 20)
    await addImage('held.iso', 2 ** 20)
    expect(await hypervisor.findImageUsers('used.img')).toEqual([])
    const vm = definition({ disks: [{ baseImage: 'used.img.old' }], cdroms: [{ iso: 'held.iso' }] })
    await makeDisks(vm)
    await hypervisor.defineVm(vm)
    expect(await hypervisor.findImageUsers('held.iso')).toEqual([`domain ${vm.name}`])
    expect(await hypervisor.findImageUsers('used.img.old')).toContain(`disk file ${vm.vmId}.vda.qcow2`)
    // Its name is the beginning of another one's.
    expect(await hypervisor.findImageUsers('used.img')).toEqual([])
    await hypervisor.undefineVm(vm.vmId)
    expect(await hypervisor.findImageUsers('held.iso')).toEqual([])
    expect(await hypervisor.findImageUsers('used.img.old')).toEqual([`disk file ${vm.vmId}.vda.qcow2`])
    await hypervisor.deleteVmFiles(vm.vmId)
    expect(await hypervisor.findImageUsers('used.img.old')).toEqual([])
  })
}
