import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { qemuPid } from '#test/support/processes.ts'
import type { LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { revertToSnapshot } from '#worker/hypervisor/libvirt/snapshot/revert.ts'
import { expectContent, stretchOf, writeDisk } from './disk-content.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, sourcesOf } from './node-vms.ts'
import { revertTo, take } from './revert-calls.ts'
import { Cut, cutRevertDeps } from './revert-cut.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a revert whose QEMU is killed${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
  })
  afterAll(() => node?.close())

  const stateOf = async (vmId: string) => (await node.hypervisor.observeVm(vmId))?.state

  /** What a revert works with; the VM's QEMU is killed at the n-th call of that name. */
  function depsOf(vmId: string, name: string, nth: number) {
    const deps = cutRevertDeps(node, new Cut(Infinity, 'before'))
    let left = nth
    const connection: LibvirtConnection = {
      ...deps.connection,
      async call(procedure, args, options) {
        if (procedure.name === name && --left === 0) {
          process.kill(qemuPid(vmId), 'SIGKILL')
          await expect.poll(() => stateOf(vmId), { timeout: 10_000 }).toBe('STOPPED')
        }
        return deps.connection.call(procedure, args, options)
      },
    }
    return { deps: { ...deps, connection, slowConnection: connection }, wasKilled: () => left <= 0 }
  }

  test.for([
    { name: 'domainMonitorCommand', nth: 1 },
    { name: 'domainMonitorCommand', nth: 2 },
    { name: 'domainGetJobInfo', nth: 1 },
    { name: 'connectGetLibVersion', nth: 1 },
  ])('while it is prepared goes on with the stopped VM: at $name, $nth', async ({ name, nth }) => {
    const vmId = await aRunningVm(node)
    await writeDisk(node, vmId, [stretchOf(0, 1, 1)])
    const snapshot = await take(node, vmId)
    await writeDisk(node, vmId, [stretchOf(0, 1, 2)])
    const { deps, wasKilled } = depsOf(vmId, name, nth)
    const { kept } = await revertToSnapshot(deps, revertTo(vmId, snapshot, { keepAs: randomUUID() }))
    expect(wasKilled(), `no QEMU was killed at ${name}`).toBe(true)
    expect(await stateOf(vmId)).toBe('STOPPED')
    const { inactive } = await sourcesOf(node, vmId)
    await expectContent(node, inactive[0]?.split('/').at(-1) ?? '', [stretchOf(0, 1, 1)])
    await expectContent(node, kept?.disks[0]?.volume ?? '', [stretchOf(0, 1, 2)])
  })
})
