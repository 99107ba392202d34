import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { aDefinition, type SpecParts } from '#test/support/vm-spec.ts'
import { hotplugVm } from '#worker/hypervisor/libvirt/hotplug.ts'
import type { VmDefinition } from '#worker/hypervisor/port.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { addLinuxIso, type LinuxGuest, linuxGuest, linuxSpec } from './linux-guest.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a guest that runs${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  let vm: VmDefinition
  let guest: LinuxGuest
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await addLinuxIso(node)
    const spec = { ...linuxSpec, cpu: { cores: 1, maxCores: 4 }, memory: { sizeMib: 256, maxSizeMib: 512 } }
    vm = await aRunningVm(spec)
    guest = linuxGuest(node, vm.vmId)
    await guest.isUp()
  })
  afterAll(() => node?.close())

  async function aRunningVm(spec: SpecParts): Promise<VmDefinition> {
    const made = aDefinition({ spec })
    for (const disk of made.spec.disks) await node.hypervisor.createDisk({ vmId: made.vmId, ...disk })
    await node.hypervisor.defineVm(made)
    await node.hypervisor.startVm(made.vmId)
    return made
  }

  const withMemory = (of: VmDefinition, sizeMib: number): VmDefinition => ({
    ...of,
    spec: { ...of.spec, memory: { ...of.spec.memory, sizeMib } },
  })
  const withCores = (of: VmDefinition, cores: number): VmDefinition => ({
    ...of,
    spec: { ...of.spec, cpu: { ...of.spec.cpu, cores } },
  })
  const runs = async ({ vmId }: VmDefinition) => (await node.hypervisor.observeVm(vmId))?.runningSpec

  test('works on the cores that it is given', async () => {
    expect(await guest.sh('nproc')).toBe('1')
    await node.hypervisor.hotplugVm(withCores(vm, 3))
    await vi.waitFor(async () => expect(await guest.sh('nproc')).toBe('3'), { timeout: 20_000, interval: 200 })
    expect(await runs(vm)).toMatchObject({ cpu: { cores: 3 }, memory: { sizeMib: 256 } })
  })

  test('has the memory that it is given, and gives back what is taken', async () => {
    const totalMib = async () => Number(await guest.sh("awk '/MemTotal/ {print $2}' /proc/meminfo")) / 1024
    const atFirst = await totalMib()
    expect(atFirst).toBeLessThan(256)
    await node.hypervisor.hotplugVm(withMemory(vm, 448))
    expect((await totalMib()) - atFirst).toBeCloseTo(448 - 256, 0)
    expect((await runs(vm))?.memory).toEqual({ sizeMib: 448, maxSizeMib: 512, hugepages: false })
    await node.hypervisor.hotplugVm(withMemory(vm, 256))
    expect((await totalMib()) - atFirst).toBeCloseTo(0, 0)
    expect((await runs(vm))?.memory.sizeMib).toBe(256)
  })

  test('and has no balloon driver keeps its memory, and says so', async () => {
    const empty = await aRunningVm({ memory: { sizeMib: 64, maxSizeMib: 128 } })
    const deps = { connection: node.connection, slowConnection: node.connection, nodeId: node.options.nodeId }
    await expect(hotplugVm(deps, withMemory(empty, 96), 500)).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'GUEST_KEPT_ITS_MEMORY',
    })
    expect((await runs(empty))?.memory.sizeMib).toBe(64)
  })
})
