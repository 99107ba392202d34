import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { qemuPid } from '#test/support/processes.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { stretchOf } from '../hypervisor/disk-content.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { aRunningVm, domainOf, filesOf, snapshotOf } from '../hypervisor/node-vms.ts'
import { revertTo } from '../hypervisor/revert-calls.ts'
import { snapshotTree } from '../hypervisor/snapshot-tree.ts'

const unavailable = libvirtAvailable()
const lost = { code: 'failed_precondition', reason: 'QEMU_LOST_BY_LIBVIRT' }

describe.skipIf(unavailable)(
  `a VM whose QEMU libvirt has lost${unavailable ? `, skipped: ${unavailable}` : ''}`,
  () => {
    let node: LibvirtNode
    beforeAll(async () => {
      node = await startLibvirtNode({ virtType: 'qemu' })
    })
    afterAll(() => node?.close())

    const stateOf = async (vmId: string) => (await node.hypervisor.observeVm(vmId))?.state

    async function aTree() {
      const tree = snapshotTree(node, await aRunningVm(node))
      for (const [index, name] of ['a', 'b', null].entries()) {
        await tree.write(stretchOf(index, 1, 10 + index))
        if (name !== null) await tree.take(name)
      }
      return tree
    }

    /** Leaves the status that a libvirtd 9.0 which is killed between two writes at the end of a merge cannot read again. */
    async function lose(vmId: string): Promise<void> {
      const { name } = await domainOf(node, vmId)
      const file = path.join(node.host.directory, 'run/qemu', `${name}.xml`)
      await node.host.kill('SIGKILL')
      const mirror = "<mirror type='file' job=''><format type='qcow2'/><source file='/none'/></mirror>"
      await writeFile(file, (await readFile(file, 'utf8')).replace("<target dev='vda'", `${mirror}$&`))
      await node.host.restart()
      expect(await stateOf(vmId), 'libvirt has not lost it').toBe('STOPPED')
    }

    test('is seen, and nothing is done behind the back of its guest until it is ended', async () => {
      const tree = await aTree()
      const { vmId } = tree
      await lose(vmId)
      const pid = qemuPid(vmId)
      const files = await filesOf(node, vmId)
      const { hypervisor } = node

      const problem = await hypervisor.checkDisks({ vmId, snapshots: tree.keep() })
      expect(problem).toMatchObject({ reason: lost.reason, message: expect.stringContaining('fuser') })
      const revert = revertTo(vmId, tree.of('a').snapshot, { start: true })
      const changes = {
        start: () => hypervisor.startVm(vmId),
        snapshot: () => hypervisor.createSnapshot(snapshotOf(vmId)),
        revert: () => hypervisor.revertToSnapshot(revert),
        'undo of a revert': () => hypervisor.undoRevert(revert),
        merge: () => hypervisor.reclaimFiles({ vmId, keep: tree.keep().slice(1) }),
        'removal of the definition': () => hypervisor.undefineVm(vmId),
      }
      for (const [what, change] of Object.entries(changes)) {
        await expect(change(), what).rejects.toMatchObject(lost)
      }
      await node.connection.call(remote.domainUndefineFlags, { dom: await domainOf(node, vmId), flags: 0 })
      await expect(hypervisor.deleteVmFiles(vmId), 'removal of the files').rejects.toMatchObject(lost)
      expect(await filesOf(node, vmId)).toEqual(files)
      expect(qemuPid(vmId)).toBe(pid)

      process.kill(pid, 'SIGKILL')
      await hypervisor.deleteVmFiles(vmId)
      expect(await filesOf(node, vmId)).toEqual([])
    })

    test('goes on from what was written last when that QEMU was ended', async () => {
      const tree = await aTree()
      await lose(tree.vmId)
      process.kill(qemuPid(tree.vmId), 'SIGKILL')
      expect(await node.hypervisor.checkDisks({ vmId: tree.vmId, snapshots: tree.keep() })).toBeNull()
      await node.hypervisor.startVm(tree.vmId)
      await tree.delete('b')
      await tree.expectReclaimed()
      expect(await stateOf(tree.vmId)).toBe('RUNNING')
    })
  },
)
