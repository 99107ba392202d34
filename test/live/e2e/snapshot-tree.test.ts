import path from 'node:path'
import { expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { succeeded } from '#test/e2e/system.ts'
import { expectContent, expectSoundFiles, stretchOf, writeDisk } from '../hypervisor/disk-content.ts'
import type { LibvirtNode } from '../hypervisor/libvirt-node.ts'
import { filesOf, sourcesOf } from '../hypervisor/node-vms.ts'
import { startLiveSystem } from '../live-system.ts'

const unavailable = libvirtAvailable()
const headers = { Prefer: 'wait=30' }
const [first, second, third] = [1, 2, 3].map((value) => stretchOf(0, 1, value)) as [Stretch, Stretch, Stretch]
type Stretch = ReturnType<typeof stretchOf>

const live = unavailable ? null : await startLiveSystem()

/** The file that the VM writes to, the same for libvirt's definitions and QEMU. */
async function currentVolume(node: LibvirtNode, vmId: string): Promise<string> {
  const { live, inactive, qemu } = await sourcesOf(node, vmId)
  expect(inactive).toEqual(live)
  if (qemu.length > 0) expect(qemu).toEqual(live)
  return path.basename(live[0] ?? '')
}

test.skipIf(unavailable)(
  `through the API a VM goes back and forth on libvirt, each snapshot is deleted, and the space comes back${unavailable ? `, skipped: ${unavailable}` : ''}`,
  async () => {
    if (!live) throw new Error('libvirt is not there')
    const { node, client } = live
    const spec = { cpu: { cores: 1 }, memory: { sizeMib: 64 }, disks: [{ sizeGib: 1 }], nics: [] }
    const { id } = succeeded(await sdk.createVm({ client, headers, body: { name: 'tree', spec } }))
    const vmPath = { id }
    succeeded(await sdk.startVm({ client, headers, path: vmPath }))

    const { memory, diskOnlyQuiesced } = succeeded(await sdk.getSnapshotCapabilities({ client, path: vmPath }))
    expect(memory.allowed).toBe(true)
    expect(diskOnlyQuiesced).toMatchObject({ allowed: false, reason: 'GUEST_AGENT_NOT_CONNECTED' })

    const take = async (name: string, includeMemory: boolean) =>
      succeeded(await sdk.createSnapshot({ client, headers, path: vmPath, body: { name, includeMemory } }))
    const revert = async (snapshotId: string, body: sdk.SnapshotRevertInput = {}) =>
      succeeded(await sdk.revertToSnapshot({ client, headers, path: { id, snapshotId }, body })) as sdk.RevertedVm
    const remove = async (snapshotId: string) => {
      const answer = await sdk.deleteSnapshot({ client, headers, path: { id, snapshotId } })
      expect([answer.error, answer.response?.status]).toEqual([undefined, 204])
    }
    const holds = async (stretch: Stretch) => {
      // QEMU keeps some of a file's metadata to itself until it is asked.
      await writeDisk(node, id, [])
      await expectContent(node, await currentVolume(node, id), [stretch])
    }

    await writeDisk(node, id, [first])
    const withMemory = await take('with-memory', true)
    expect(withMemory).toMatchObject({ kind: 'memory', machineType: expect.stringContaining('q35') })
    expect(withMemory.sizeBytes ?? 0).toBeLessThanOrEqual(memory.sizeBytes ?? 0)
    await writeDisk(node, id, [second])
    const diskOnly = await take('disk-only', false)
    await writeDisk(node, id, [third])

    const back = await revert(withMemory.id)
    expect(back.status).toMatchObject({ state: 'RUNNING', currentSnapshotId: withMemory.id })
    await holds(first)
    const stopped = await revert(diskOnly.id)
    expect(stopped.status).toMatchObject({ state: 'STOPPED', currentSnapshotId: diskOnly.id, message: '' })
    await holds(second)
    const forth = await revert(back.keptSnapshotId ?? '', { startAfterRevert: true, discardCurrent: true })
    expect(forth).toMatchObject({ status: { state: 'RUNNING' }, keptSnapshotId: null })
    await holds(third)

    const { items } = succeeded(await sdk.listSnapshots({ client, path: vmPath }))
    expect(items.map(({ name, kind, parentId }) => [name, kind, parentId])).toEqual([
      ['before-revert-to-disk-only', 'disk-only', withMemory.id],
      ['before-revert-to-with-memory', 'disk-only', diskOnly.id],
      ['disk-only', 'disk-only', withMemory.id],
      ['with-memory', 'memory', null],
    ])

    await remove(withMemory.id)
    await revert(diskOnly.id, { discardCurrent: true })
    await holds(second)
    await remove(back.keptSnapshotId ?? '')
    await remove(stopped.keptSnapshotId ?? '')
    await remove(diskOnly.id)
    await holds(second)
    await expectSoundFiles(node, id)
    expect(await filesOf(node, id)).toEqual([await currentVolume(node, id)])

    const gone = await sdk.deleteVm({ client, headers, path: vmPath, query: { force: true } })
    expect(gone.response?.status).toBe(204)
    expect(await filesOf(node, id)).toEqual([])
  },
)
