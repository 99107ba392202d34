import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import type { VmEvent } from '#worker/hypervisor/port.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, aVm, domainOf, snapshotOf } from './node-vms.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`when libvirtd is restarted${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await node.hypervisor.probeCpuModes()
  })
  afterAll(() => node?.close())

  async function restart(): Promise<void> {
    await node.host.kill('SIGKILL')
    await node.host.restart()
  }

  test('everything goes on, with VMs that kept running', async () => {
    const vmId = await aRunningVm(node)
    await restart()
    expect((await node.hypervisor.observeVm(vmId))?.state).toBe('RUNNING')
    expect((await node.hypervisor.createSnapshot(snapshotOf(vmId, { includeMemory: true }))).kind).toBe('memory')
    await node.hypervisor.destroyVm(vmId)
    const other = await aRunningVm(node)
    expect((await node.hypervisor.observeVm(other))?.state).toBe('RUNNING')
  })

  test('a call made while it is away is made when it is back', async () => {
    const vmId = await aVm(node)
    await node.host.kill('SIGKILL')
    const observed = node.hypervisor.observeVm(vmId)
    await node.host.restart()
    expect((await observed)?.state).toBe('STOPPED')
  })

  test('that events were lost is told, all can be looked at then, and what happens afterwards is told again', async () => {
    const vmId = await aRunningVm(node)
    const lost: number[] = []
    const seen: VmEvent[] = []
    const stops = [
      node.hypervisor.onEventsLost(() => lost.push(1)),
      node.hypervisor.onVmEvent((event) => seen.push(event)),
    ]
    await restart()
    await vi.waitUntil(() => lost.length === 1, 10_000)
    const all = await node.hypervisor.observeVms()
    expect(all.find((one) => one.vmId === vmId)).toMatchObject({ state: 'RUNNING', definedOnNode: true })
    await node.connection.call(remote.domainSuspend, { dom: await domainOf(node, vmId) })
    await vi.waitUntil(() => seen.findLast((event) => event.vmId === vmId)?.state === 'PAUSED', 10_000)
    for (const stop of stops) stop()
  })
})
