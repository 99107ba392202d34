import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { qemuPid } from '#test/support/processes.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, aVm } from './node-vms.ts'

const unavailable = libvirtAvailable()

/** As many as libvirtd takes of one connection before it reads no further. */
const hangingGuests = 5

describe.skipIf(unavailable)(`guests that hang${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
  })
  afterAll(() => node?.close())

  test('do not hold up what is asked of other VMs', async () => {
    const stopped = await aVm(node)
    const vmIds: string[] = []
    for (let count = 0; count < hangingGuests; count++) vmIds.push(await aRunningVm(node))
    const pids = vmIds.map(qemuPid)
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    let ended = 0
    const requests = vmIds.map((vmId) => node.hypervisor.requestShutdown(vmId).finally(() => ended++))

    expect((await node.hypervisor.observeVm(stopped))?.state).toBe('STOPPED')
    await node.hypervisor.deleteVmFiles(await vmWithoutDefinition())
    expect(ended).toBe(0)

    for (const pid of pids) process.kill(pid, 'SIGCONT')
    await Promise.all(requests)
  })

  async function vmWithoutDefinition(): Promise<string> {
    const vmId = await aVm(node)
    await node.hypervisor.undefineVm(vmId)
    return vmId
  }
})
