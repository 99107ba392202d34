import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DiskInput } from '#api/vms/spec-drive-schemas.ts'
import { completeDisk, completeNic } from '#db/complete-spec.ts'
import { guestOsProfiles } from '#db/guest-os/profiles.ts'
import { withDisk, withNic, withoutDisk, withoutNic } from '#db/spec-devices.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import type { VmDefinition } from '#worker/hypervisor/port.ts'
import { attachedVolume } from '#worker/hypervisor/storage-names.ts'
import { type HypervisorUnderTest, vmsOn } from './contract-vms.ts'

/** The devices of a VM, as one definition has them. */
export interface DevicesSeen {
  /** Targets of disks. */
  disks: string[]
  /** The file in each cdrom drive, by its name alone. */
  media: Record<string, string | null>
  nics: string[]
}

const mac = '52:54:00:00:00:0a'

/** What every hypervisor promises of devices that come and go; a guest that must let go is needed for none of it. */
export function describeDevices(open: () => Promise<HypervisorUnderTest>): void {
  let opened: HypervisorUnderTest
  beforeAll(async () => {
    opened = await open()
    await opened.hypervisor.probeCpuModes()
  })
  afterAll(() => opened?.close())
  const node = () => opened
  const { aVm, aRunningVm } = vmsOn(node)

  /** What runs, and what the next start has. */
  const devicesOf = (vmId: string) => node().devices(vmId)
  const both = (seen: Partial<DevicesSeen>) => ({
    live: expect.objectContaining(seen),
    inactive: expect.objectContaining(seen),
  })

  /** Makes a disk and plugs it in, twice. */
  async function attach(vm: VmDefinition, input: DiskInput) {
    const { hypervisor } = node()
    const { vmId } = vm
    const disk = completeDisk(input, guestOsProfiles.generic, new Set(vm.spec.disks.map(({ target }) => target)))
    const { target } = disk
    const operationId = randomUUID()
    const volume = attachedVolume(vmId, target, operationId)
    const spec = withDisk(vm.spec, disk)
    for (let time = 0; time < 2; time++) {
      await hypervisor.createDisk({ vmId, operationId, target, sizeGib: disk.sizeGib, baseImage: disk.baseImage })
      await hypervisor.attachDisk({ vmId, target, volume, spec })
    }
    return { target, volume, spec }
  }

  describe('a disk that comes later', () => {
    test('is in what runs and in the next start, once, and gone from both', async () => {
      const { hypervisor } = node()
      const vm = await aRunningVm()
      const { target, volume, spec } = await attach(vm, { sizeGib: 1, bus: 'scsi' })
      expect(target).toBe('sda')
      expect(await devicesOf(vm.vmId)).toEqual(both({ disks: ['vda', 'sda'] }))
      expect((await hypervisor.findDisks(vm.vmId)).at(-1)).toEqual({ target, volume })
      expect(await hypervisor.replugDevice(vm.vmId, { target })).toBe(false)
      const without = withoutDisk(spec, target)
      for (let time = 0; time < 2; time++) {
        expect(await hypervisor.detachDisk({ vmId: vm.vmId, target, spec: without })).toBe(true)
      }
      expect(await hypervisor.replugDevice(vm.vmId, { target })).toBe(false)
      expect(await devicesOf(vm.vmId)).toEqual(both({ disks: ['vda'] }))
      await hypervisor.removeVolume(vm.vmId, volume)
      expect([...(await node().disks.files(vm.vmId)).keys()]).not.toContain(volume)
    })

    test.each(['virtio', 'sata', 'scsi'] as const)('goes onto bus %s of a VM that is off', async (bus) => {
      const { hypervisor } = node()
      const vm = await aVm()
      const { target, spec } = await attach(vm, { sizeGib: 1, bus })
      expect(await devicesOf(vm.vmId)).toEqual(both({ disks: ['vda', target] }))
      await hypervisor.startVm(vm.vmId)
      expect(await devicesOf(vm.vmId)).toEqual(both({ disks: ['vda', target] }))
      await hypervisor.destroyVm(vm.vmId)
      await hypervisor.detachDisk({ vmId: vm.vmId, target, spec: withoutDisk(spec, target) })
      expect(await devicesOf(vm.vmId)).toEqual(both({ disks: ['vda'] }))
    })

    test('on sata neither comes nor goes while the VM is on', async () => {
      const { hypervisor } = node()
      const vm = await aRunningVm({ disks: [{ sizeGib: 1, bus: 'sata' }] })
      const refused = { code: 'failed_precondition', reason: 'DISK_BUS_NOT_HOTPLUGGABLE' }
      await expect(attach(vm, { sizeGib: 1, bus: 'sata' })).rejects.toMatchObject(refused)
      const request = { vmId: vm.vmId, target: 'sda', spec: withoutDisk(vm.spec, 'sda') }
      await expect(hypervisor.detachDisk(request)).rejects.toMatchObject(refused)
      expect(await devicesOf(vm.vmId)).toEqual(both({ disks: ['sda'] }))
    })

    test('takes no target from another, and taking it back leaves the other', async () => {
      const { hypervisor } = node()
      const vm = await aRunningVm()
      const { vmId } = vm
      const operationId = randomUUID()
      const volume = attachedVolume(vmId, 'vda', operationId)
      await hypervisor.createDisk({ vmId, operationId, target: 'vda', sizeGib: 1 })
      const request = { vmId, target: 'vda', volume, spec: vm.spec }
      await expect(hypervisor.attachDisk(request)).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'DISK_TARGET_TAKEN',
      })
      expect(await hypervisor.detachDisk(request)).toBe(true)
      expect(await devicesOf(vmId)).toEqual(both({ disks: ['vda'] }))
      await hypervisor.removeVolume(vmId, volume)
    })

    test('is neither renamed nor removed while a definition names it', async () => {
      const { hypervisor } = node()
      const vm = await aVm()
      const { volume } = await attach(vm, { sizeGib: 1 })
      const refused = { code: 'failed_precondition', reason: 'VM_IS_DEFINED' }
      await expect(hypervisor.removeVolume(vm.vmId, volume)).rejects.toMatchObject(refused)
      await expect(hypervisor.keepVolume(vm.vmId, volume, `volume-${randomUUID()}.qcow2`)).rejects.toMatchObject(
        refused,
      )
    })
  })

  test('a volume that was kept becomes a disk again, with what is on it', async () => {
    const { hypervisor, disks } = node()
    const vm = await aVm({ disks: [{ sizeGib: 1 }, { sizeGib: 2 }] })
    await disks.write(vm.vmId, 'vdb', 1, 7)
    const [, file] = await hypervisor.findDisks(vm.vmId)
    const volume = `volume-${randomUUID()}.qcow2`
    await hypervisor.detachDisk({ vmId: vm.vmId, target: 'vdb', spec: withoutDisk(vm.spec, 'vdb') })
    await hypervisor.keepVolume(vm.vmId, file?.volume ?? '', volume)

    const other = await aVm()
    const as = attachedVolume(other.vmId, 'vdb', randomUUID())
    const missing = `volume-${randomUUID()}.qcow2`
    await expect(hypervisor.takeVolume({ vmId: other.vmId, volume: missing, as })).rejects.toMatchObject({
      code: 'not_found',
      reason: 'VOLUME_NOT_FOUND',
    })
    for (let time = 0; time < 2; time++) await hypervisor.takeVolume({ vmId: other.vmId, volume, as })
    const [disk] = withoutDisk(vm.spec, 'vda').disks
    const spec: VmSpec = disk ? withDisk(other.spec, disk) : other.spec
    await hypervisor.attachDisk({ vmId: other.vmId, target: 'vdb', volume: as, spec })
    expect(await devicesOf(other.vmId)).toEqual(both({ disks: ['vda', 'vdb'] }))
    expect((await disks.read(as))[1]).toBe(7)
  })

  test.each(['off', 'on'] as const)('a disk of a VM that is %s becomes larger, and never smaller', async (power) => {
    const { hypervisor } = node()
    const { vmId } = await (power === 'on' ? aRunningVm() : aVm())
    for (let time = 0; time < 2; time++) await hypervisor.resizeDisk({ vmId, target: 'vda', sizeGib: 3 })
    await expect(hypervisor.resizeDisk({ vmId, target: 'vda', sizeGib: 2 })).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'DISK_CANNOT_SHRINK',
    })
    await hypervisor.resizeDisk({ vmId, target: 'vda', sizeGib: 3 })
  })

  test.each(['off', 'on'] as const)('a drive of a VM that is %s gets another medium, and none', async (power) => {
    const { hypervisor } = node()
    await node().addImage('one.iso', 2 ** 20)
    await node().addImage('two.iso', 2 ** 20)
    const { vmId } = await (power === 'on' ? aRunningVm : aVm)({ cdroms: [{ iso: 'one.iso' }, {}] })
    const change = (target: string, iso: string | null) => hypervisor.changeMedia({ vmId, target, iso, force: false })
    for (let time = 0; time < 2; time++) await change('sda', 'two.iso')
    await change('sdb', 'one.iso')
    expect(await devicesOf(vmId)).toEqual(both({ media: { sda: 'two.iso', sdb: 'one.iso' } }))
    await change('sda', null)
    expect(await devicesOf(vmId)).toEqual(both({ media: { sda: null, sdb: 'one.iso' } }))
    await expect(change('sda', 'missing.iso')).rejects.toMatchObject({ code: 'not_found', reason: 'ISO_NOT_FOUND' })
    await expect(change('sda', '../one.iso')).rejects.toMatchObject({ code: 'not_found', reason: 'ISO_NOT_FOUND' })
    expect(await devicesOf(vmId)).toEqual(both({ media: { sda: null, sdb: 'one.iso' } }))
  })

  test('a network card comes to a VM that is off, and goes', async () => {
    const { hypervisor } = node()
    const vm = await aVm()
    const card = completeNic({ network: 'nowhere', mac }, guestOsProfiles.generic, () => mac)
    const spec = withNic(vm.spec, card)
    for (let time = 0; time < 2; time++) await hypervisor.attachNic({ vmId: vm.vmId, mac, spec })
    expect(await devicesOf(vm.vmId)).toEqual(both({ nics: [mac] }))
    const without = withoutNic(spec, mac)
    for (let time = 0; time < 2; time++) {
      expect(await hypervisor.detachNic({ vmId: vm.vmId, mac, spec: without })).toBe(true)
    }
    expect(await devicesOf(vm.vmId)).toEqual(both({ nics: [] }))
  })
}
