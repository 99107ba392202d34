import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { unlink } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { withDisk, withNic, withoutDisk } from '#db/spec-devices.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { aBridge, bridgesAvailable } from '#test/live/bridge.ts'
import { aDefinition, aSpec, type SpecParts } from '#test/support/vm-spec.ts'
import { readInactiveXml, readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { qmp, readQemuDisks, readQemuNodes } from '#worker/hypervisor/libvirt/qmp.ts'
import { diskKey, findDevice, nicKey } from '#worker/hypervisor/libvirt/xml/edit-devices.ts'
import type { VmDefinition, VmEvent } from '#worker/hypervisor/port.ts'
import { attachedVolume } from '#worker/hypervisor/storage-names.ts'
import { libvirtDevices } from './libvirt-devices.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { domainOf } from './node-vms.ts'

const _run = promisify(execFile)
const unavailable = libvirtAvailable()
const noBridge = unavailable ?? bridgesAvailable()
const targets = ['vdb', 'vdc', 'vdd', 'vde']
const macs = [1, 2, 3, 4].map((n) => `52:54:00:00:00:0${n}`)

describe.skipIf(unavailable)(`devices that come and go${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
  })
  afterAll(() => node?.close())

  async function aRunningVm(spec: SpecParts = {}): Promise<VmDefinition> {
    const vm = aDefinition({ spec })
    for (const disk of vm.spec.disks) await node.hypervisor.createDisk({ vmId: vm.vmId, ...disk })
    await node.hypervisor.defineVm(vm)
    await node.hypervisor.startVm(vm.vmId)
    return vm
  }

  /** Plugs an empty disk of 1 GiB in. Resolves to the spec then. */
  async function attachDisk({ vmId }: VmDefinition, before: VmSpec, disk: { target: string; bus?: 'scsi' }) {
    const [added] = aSpec({ disks: [{ sizeGib: 1, ...disk }] }).disks
    if (!added) expect.fail('no disk')
    const { target } = added
    const operationId = randomUUID()
    const spec = withDisk(before, added)
    await node.hypervisor.createDisk({ vmId, operationId, target, sizeGib: 1 })
    await node.hypervisor.attachDisk({ vmId, target, volume: attachedVolume(vmId, target, operationId), spec })
    return spec
  }

  /** Where a device is in what runs, and in the next start. */
  async function addressesOf(vmId: string) {
    const dom = await domainOf(node, vmId)
    const addresses = (xml: string) =>
      [...targets.map(diskKey), ...macs.map(nicKey)].map(
        (key) => /<address type='pci'[^>]*>/.exec(findDevice(xml, key) ?? '')?.[0],
      )
    return {
      live: addresses(await readLiveXml(node.connection, dom)),
      inactive: addresses(await readInactiveXml(node.connection, dom)),
    }
  }

  test.skipIf(noBridge)(
    `four disks and four cards come to a VM that runs, and keep their places through every restart${noBridge ? ` (skipped: ${noBridge})` : ''}`,
    async () => {
      const bridge = aBridge()
      const vm = await aRunningVm()
      const { vmId } = vm
      let { spec } = vm
      for (const target of targets) spec = await attachDisk(vm, spec, { target })
      for (const mac of macs) {
        spec = withNic(spec, { mac, model: 'virtio', bridge })
        for (let time = 0; time < 2; time++) await node.hypervisor.attachNic({ vmId, mac, spec })
      }
      const all = { disks: ['vda', ...targets], media: {}, nics: macs }
      const there = await addressesOf(vmId)
      expect(there.live).toEqual(there.inactive)
      expect(new Set(there.live).size).toBe(8)
      expect(await seenByQemu(vmId)).toEqual({ disks: 5, cards: 4 })

      await node.host.restart()
      const reopened = await node.reopen()
      expect(await libvirtDevices(node, vmId)).toEqual({ live: all, inactive: all })
      expect(await reopened.checkDisks({ vmId, snapshots: [] })).toBeNull()
      await reopened.destroyVm(vmId)
      await reopened.startVm(vmId)
      expect(await libvirtDevices(node, vmId)).toEqual({ live: all, inactive: all })
      expect(await addressesOf(vmId)).toEqual(there)
      expect(await seenByQemu(vmId)).toEqual({ disks: 5, cards: 4 })
      await reopened.destroyVm(vmId)
    },
  )

  /** How many disks and network cards QEMU itself has. */
  async function seenByQemu(vmId: string) {
    const dom = await domainOf(node, vmId)
    // Before the firmware has numbered the buses, query-pci shows nothing behind them.
    const plugged = await qmp<{ type: string }[]>(node.connection, dom, 'qom-list', { path: '/machine/peripheral' })
    return {
      disks: (await readQemuDisks(node.connection, dom)).length,
      cards: plugged.filter(({ type }) => type.includes('virtio-net')).length,
    }
  }

  test('a disk that was detached is gone from QEMU, and does not come back', async () => {
    const vm = await aRunningVm()
    const { vmId } = vm
    const spec = await attachDisk(vm, vm.spec, { target: 'sda', bus: 'scsi' })
    const file = (await node.hypervisor.findDisks(vmId)).at(-1)?.volume ?? ''
    const dom = await domainOf(node, vmId)
    const openFiles = async () => (await readQemuNodes(node.connection, dom)).map((each) => path.basename(each.file))
    expect(await openFiles()).toContain(file)
    const request = { vmId, target: 'sda', spec: withoutDisk(spec, 'sda') }
    expect(await node.hypervisor.detachDisk(request)).toBe(true)
    expect(await openFiles()).not.toContain(file)
    const volume = `volume-${randomUUID()}.qcow2`
    await node.hypervisor.keepVolume(vmId, file, volume)
    await node.host.restart()
    const reopened = await node.reopen()
    await reopened.destroyVm(vmId)
    await reopened.startVm(vmId)
    const left = { disks: ['vda'], media: {}, nics: [] }
    expect(await libvirtDevices(node, vmId)).toEqual({ live: left, inactive: left })
    await reopened.destroyVm(vmId)
  })

  test('a guest that does not boot lets go of nothing, until it is reset or off', async () => {
    const vm = await aRunningVm()
    const { vmId } = vm
    const spec = await attachDisk(vm, vm.spec, { target: 'vdb' })
    const request = { vmId, target: 'vdb', spec: withoutDisk(spec, 'vdb') }
    const before = await libvirtDevices(node, vmId)
    expect(await node.hypervisor.detachDisk(request)).toBe(false)
    expect(await libvirtDevices(node, vmId)).toEqual(before)
    await node.hypervisor.destroyVm(vmId)
    expect(await node.hypervisor.detachDisk(request)).toBe(true)
    expect((await libvirtDevices(node, vmId)).inactive.disks).toEqual(['vda'])
  })

  test('a disk that a guest lets go of late is told at once, and comes back as it was', async () => {
    const target = 'vda'
    const vm = await aRunningVm({ disks: [{ sizeGib: 1 }], bootOrder: ['disk'] })
    const { vmId } = vm
    const spec = await attachDisk(vm, vm.spec, { target: 'vdb' })
    const dom = await domainOf(node, vmId)
    const plugged = async () => findDevice(await readLiveXml(node.connection, dom), diskKey(target))
    const before = await plugged()
    expect(before).toContain(target)
    expect(await node.hypervisor.detachDisk({ vmId, target, spec: withoutDisk(spec, target) })).toBe(false)
    expect(await node.hypervisor.replugDevice(vmId, { target })).toBe(false)

    const told: VmEvent[] = []
    const stop = node.hypervisor.onVmEvent((event) => event.vmId === vmId && told.push(event))
    await node.hypervisor.resetVm(vmId)
    await vi.waitFor(() => expect(told).toContainEqual({ vmId, state: 'RUNNING', deviceRemoved: true }), {
      timeout: 10_000,
    })
    stop()
    expect(await plugged()).toBeNull()

    expect(await node.hypervisor.replugDevice(vmId, { target })).toBe(true)
    const placeIn = (xml: string | null) => xml?.match(/<(address|boot|alias) .*?>|file='.*?'/g)
    expect(placeIn(await plugged())).toEqual(placeIn(before))
    expect((await readQemuDisks(node.connection, dom)).length).toBe(2)
    expect(await node.hypervisor.checkDisks({ vmId, snapshots: [] })).toBeNull()
    await node.hypervisor.resetVm(vmId)
    expect(await node.hypervisor.replugDevice(vmId, { target })).toBe(false)
    await node.hypervisor.destroyVm(vmId)
  })

  test('what the node cannot plug in is refused, and can be taken back', async () => {
    const vm = await aRunningVm()
    const { vmId } = vm
    const [mac = ''] = macs
    const cards = [
      [{ mac, model: 'virtio', bridge: 'no-such-bridge' } as const, 'BRIDGE_NOT_FOUND'],
      [{ mac, model: 'virtio', network: 'nowhere' } as const, 'NETWORK_NOT_FOUND'],
      [{ mac, model: 'e1000', bridge: 'no-such-bridge' } as const, 'NO_FREE_SLOT'],
    ] as const
    for (const [nic, reason] of cards) {
      const call = node.hypervisor.attachNic({ vmId, mac, spec: withNic(vm.spec, nic) })
      await expect(call).rejects.toMatchObject({ code: 'failed_precondition', reason })
      expect(await node.hypervisor.detachNic({ vmId, mac, spec: vm.spec })).toBe(true)
      const left = { disks: ['vda'], media: {}, nics: [] }
      expect(await libvirtDevices(node, vmId)).toEqual({ live: left, inactive: left })
    }
    await node.hypervisor.destroyVm(vmId)
  })

  test('a VM without a free slot gets no more while it runs, and one when it is off', async () => {
    const vm = await aRunningVm()
    const { vmId } = vm
    let { spec } = vm
    const names = [...'bcdefghijk'].map((letter) => `vd${letter}`)
    const full = async () => {
      for (const target of names) spec = await attachDisk(vm, spec, { target })
    }
    await expect(full()).rejects.toMatchObject({
      reason: 'NO_FREE_SLOT',
      details: { remedies: [{ action: 'STOP_VM' }] },
    })
    await node.hypervisor.destroyVm(vmId)
    expect(spec.disks).toHaveLength(9)
    spec = await attachDisk(vm, spec, { target: 'vdz' })
    await node.hypervisor.startVm(vmId)
    expect((await libvirtDevices(node, vmId)).live.disks).toContain('vdz')
    await node.hypervisor.destroyVm(vmId)
  })

  test('saved memory comes back with its medium, or with an empty drive where that is gone, and takes the one of now', async () => {
    await node.addImage('then.iso', 2 ** 20)
    await node.addImage('now.iso', 2 ** 21)
    const vm = await aRunningVm({ cdroms: [{ iso: 'then.iso' }] })
    const { vmId } = vm
    const snapshotId = randomUUID()
    const taken = await node.hypervisor.createSnapshot({ vmId, snapshotId, includeMemory: true, quiesce: null })
    const insert = (iso: string | null) => node.hypervisor.changeMedia({ vmId, target: 'sda', iso, force: true })
    await insert('now.iso')
    const revert = () =>
      node.hypervisor.revertToSnapshot({
        vmId,
        operationId: randomUUID(),
        snapshot: { ...taken, snapshotId },
        keepAs: null,
        start: false,
      })
    const liveMedium = async () => (await libvirtDevices(node, vmId)).live.media.sda
    await revert()
    expect(await liveMedium()).toBe('then.iso')
    await insert('now.iso')
    expect(await liveMedium()).toBe('now.iso')
    await unlink(path.join(node.options.imagesDirectory, 'then.iso'))
    await revert()
    expect(await liveMedium()).toBeNull()
    await insert('now.iso')
    expect((await libvirtDevices(node, vmId)).inactive.media).toEqual({ sda: 'now.iso' })
    expect(await liveMedium()).toBe('now.iso')
    await node.hypervisor.destroyVm(vmId)
  })
})
