import { execFileSync, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readdir, truncate } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { readInactiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { qmp } from '#worker/hypervisor/libvirt/qmp.ts'
import { DomainRunningReason, DomainState } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import type { SnapshotTaken, StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aPausedVm, aRunningVm, aVm, domainOf, filesOf, sourcesOf } from './node-vms.ts'
import { revertTo, stored, take } from './revert-calls.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a revert on libvirt${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await node.hypervisor.probeCpuModes()
  })
  afterAll(() => node?.close())

  const inPool = (file: string) => path.join(node.options.poolDirectory, file)

  const kinds = [
    { taken: 'memory', make: aRunningVm, includeMemory: true },
    { taken: 'disk-only', make: aRunningVm, includeMemory: false },
    { taken: 'offline', make: aVm, includeMemory: false },
  ] as const
  const states = ['RUNNING', 'PAUSED', 'STOPPED'] as const

  test.for(kinds.flatMap((kind) => states.map((from) => ({ ...kind, from }))))(
    'to a $taken snapshot from a $from VM brings back the content, and keeps what was current',
    async ({ make, includeMemory, taken: kind, from }) => {
      const vmId = await make(node, { disks: [{ sizeGib: 1 }, { sizeGib: 1 }] })
      await write(vmId, 1)
      const snapshot = await take(node, vmId, includeMemory)
      expect(snapshot.kind).toBe(kind)
      await bring(vmId, from)
      await write(vmId, 2)
      const before = await sourcesOf(node, vmId)

      const request = revertTo(vmId, snapshot, { keepAs: randomUUID() })
      const { kept, clock } = await node.hypervisor.revertToSnapshot(request)
      const ends = kind === 'memory' ? 'RUNNING' : 'STOPPED'
      expect((await node.hypervisor.observeVm(vmId))?.state).toBe(ends)
      await expectOn(vmId, [`${vmId}.vda.${request.operationId}.qcow2`, `${vmId}.vdb.${request.operationId}.qcow2`])
      expect(await read(vmId)).toBe(1)
      expect(clock !== null).toBe(kind === 'memory')

      expect(kept).toMatchObject({
        kind: from === 'STOPPED' ? 'offline' : 'disk-only',
        consistency: from === 'STOPPED' ? 'offline' : 'crash',
        memoryVolume: null,
        machineType: expect.stringMatching(/^pc-q35-/),
        sizeBytes: expect.any(Number),
      })
      expect(kept?.disks.map(({ volume }) => inPool(volume))).toEqual(before.inactive)
      const back = stored(request.keepAs ?? '', kept as SnapshotTaken)
      await node.hypervisor.revertToSnapshot(revertTo(vmId, back))
      expect(await read(vmId)).toBe(2)
    },
  )

  test('started afterwards runs on the content of the snapshot', async () => {
    const vmId = await aVm(node)
    await write(vmId, 1)
    const snapshot = await take(node, vmId)
    await write(vmId, 2)
    const request = revertTo(vmId, snapshot, { start: true })
    await node.hypervisor.revertToSnapshot(request)
    expect((await node.hypervisor.observeVm(vmId))?.state).toBe('RUNNING')
    expect(await read(vmId)).toBe(1)
  })

  test('goes back and forth between every kind, in any order, and every snapshot stays what it was', async () => {
    const vmId = await aRunningVm(node)
    const snapshots: StoredSnapshot[] = []
    for (const [index, includeMemory] of [true, false, true].entries()) {
      await write(vmId, index)
      snapshots.push(await take(node, vmId, includeMemory))
    }
    await node.hypervisor.destroyVm(vmId)
    await write(vmId, 3)
    snapshots.push(await take(node, vmId))
    for (const index of [1, 0, 3, 2, 0, 2, 1, 3, 3, 0]) {
      await node.hypervisor.revertToSnapshot(revertTo(vmId, snapshots[index] as StoredSnapshot))
      expect(await read(vmId), `snapshot ${index}`).toBe(index)
      await write(vmId, 9)
    }
    await node.hypervisor.destroyVm(vmId)
    for (const file of (await filesOf(node, vmId)).filter((name) => name.endsWith('.qcow2'))) {
      execFileSync('qemu-img', ['check', '-q', inPool(file)])
    }
  })

  test('twice under one id is one revert, with the same answer', async () => {
    const vmId = await aRunningVm(node)
    await write(vmId, 1)
    const snapshot = await take(node, vmId, true)
    const request = revertTo(vmId, snapshot, { keepAs: randomUUID() })
    const first = await node.hypervisor.revertToSnapshot(request)
    await write(vmId, 2)
    expect(await node.hypervisor.revertToSnapshot(request)).toEqual(first)
    expect(await read(vmId)).toBe(2)
  })

  test('takes back disks and memory, not settings', async () => {
    const vmId = await aVm(node)
    const snapshot = await take(node, vmId)
    const dom = await domainOf(node, vmId)
    const xml = (await readInactiveXml(node.connection, dom)).replaceAll(/65536</g, '131072<')
    await node.connection.call(remote.domainDefineXmlFlags, { xml, flags: 0 })
    await node.hypervisor.revertToSnapshot(revertTo(vmId, snapshot, { start: true }))
    expect(await readInactiveXml(node.connection, dom)).toContain("<memory unit='KiB'>131072</memory>")
  })

  test('to a snapshot with a file that is missing or damaged is refused, and the VM runs on untouched', async () => {
    const vmId = await aRunningVm(node)
    const [memory, disk] = [await take(node, vmId, true), await take(node, vmId)]
    const before = await sourcesOf(node, vmId)
    await truncate(inPool(memory.memoryVolume ?? ''), 100)
    const missing = { ...disk, disks: [{ target: 'vda', volume: `${vmId}.vda.${randomUUID()}.qcow2` }] }
    const other = { ...disk, disks: [...disk.disks, { target: 'vdb', volume: `${vmId}.vdb.qcow2` }] }
    for (const [snapshot, reason] of [
      [memory, 'SNAPSHOT_FILE_DAMAGED'],
      [missing, 'SNAPSHOT_FILE_MISSING'],
      [other, 'DISKS_CHANGED'],
    ] as const) {
      const files = await filesOf(node, vmId)
      const request = revertTo(vmId, snapshot)
      const refused = { code: 'failed_precondition', reason }
      await expect(node.hypervisor.revertToSnapshot(request)).rejects.toMatchObject(refused)
      await node.hypervisor.undoRevert(request)
      expect(await sourcesOf(node, vmId)).toEqual(before)
      expect(await filesOf(node, vmId)).toEqual(files)
      expect((await node.hypervisor.observeVm(vmId))?.state).toBe('RUNNING')
    }
  })

  test('leaves no memory that libvirt saved by itself to be put onto the disks of the snapshot', async () => {
    const vmId = await aRunningVm(node)
    const snapshot = await take(node, vmId)
    const dom = await domainOf(node, vmId)
    await node.connection.call(remote.domainManagedSave, { dom, flags: 0 })
    await node.hypervisor.revertToSnapshot(revertTo(vmId, snapshot, { start: true }))
    const { state, reason } = await node.connection.call(remote.domainGetState, { dom, flags: 0 })
    expect({ state, reason }).toEqual({ state: DomainState.RUNNING, reason: DomainRunningReason.BOOTED })
  })

  test('that is undone leaves a paused VM paused, and a VM that is gone alone', async () => {
    const vmId = await aPausedVm(node)
    const request = revertTo(vmId, await take(node, vmId))
    await node.hypervisor.revertToSnapshot(request)
    await node.hypervisor.undoRevert(request)
    expect((await node.hypervisor.observeVm(vmId))?.state).toBe('PAUSED')
    await node.hypervisor.destroyVm(vmId)
    await node.hypervisor.undefineVm(vmId)
    await node.hypervisor.deleteVmFiles(vmId)
    await node.hypervisor.undoRevert(request)
    expect(await filesOf(node, vmId)).toEqual([])
    expect(await readdir(path.join(node.options.stateDirectory, 'reverts'))).not.toContain(`${vmId}.json`)
  })

  async function bring(vmId: string, to: (typeof states)[number]): Promise<void> {
    const dom = await domainOf(node, vmId)
    if (to === 'STOPPED') return node.hypervisor.destroyVm(vmId)
    await node.hypervisor.startVm(vmId)
    if (to === 'PAUSED') await node.connection.call(remote.domainSuspend, { dom })
  }

  async function expectOn(vmId: string, volumes: string[]): Promise<void> {
    const paths = volumes.map(inPool)
    const { live, inactive, qemu } = await sourcesOf(node, vmId)
    expect({ live, inactive }).toEqual({ live: paths, inactive: paths })
    if (qemu.length > 0) expect(qemu).toEqual(paths)
  }

  /** Writes to the first 64 KiB of vda, as the guest would. */
  async function write(vmId: string, pattern: number): Promise<void> {
    const command = `write -P ${pattern} 0 64k`
    const { live, qemu } = await sourcesOf(node, vmId)
    if (qemu.length > 0) await inQemu(vmId, command)
    else execFileSync('qemu-io', ['-f', 'qcow2', '-c', command, live[0] ?? ''])
  }

  /** The pattern there. */
  async function read(vmId: string): Promise<number> {
    const { live, qemu } = await sourcesOf(node, vmId)
    if (qemu.length > 0) await inQemu(vmId, 'flush')
    for (let pattern = 0; pattern < 10; pattern++) {
      const command = ['-r', '-U', '-f', 'qcow2', '-c', `read -P ${pattern} 0 64k`, live[0] ?? '']
      if (spawnSync('qemu-io', command).status === 0) return pattern
    }
    throw new Error('no pattern that was written')
  }

  async function inQemu(vmId: string, command: string): Promise<void> {
    const dom = await domainOf(node, vmId)
    const [block] = await qmp<{ qdev: string }[]>(node.connection, dom, 'query-block')
    const said = await qmp(node.connection, dom, 'human-monitor-command', {
      'command-line': `qemu-io -d ${block?.qdev} "${command}"`,
    })
    expect(said).toBe('')
  }
})
