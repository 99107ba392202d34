import { execFileSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { eventually } from '#test/db/eventually.ts'
import { anOperation, aSnapshot, readOperation, readSnapshot, readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { qemuPid } from '#test/support/processes.ts'
import { startWorkerProcess } from '#test/worker/worker-process.ts'
import { readOverlayFile } from '#worker/hypervisor/libvirt/snapshot/overlay-file.ts'
import { snapshotDelete } from '#worker/operations/snapshot-delete.ts'
import { snapshotRevert } from '#worker/operations/snapshot-revert.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { snapshotOf, sourcesOf } from '../hypervisor/node-vms.ts'
import { expectAsGuest, expectInFile, writeAsGuest } from './behind-libvirt.ts'
import { aRunningWorkerVm, ended, everyMoment, takenOver } from './live-worker.ts'

const unavailable = libvirtAvailable()

const endsWithinMs = 30_000

describe.skipIf(unavailable)(`a tree of snapshots${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let libvirt: LibvirtNode
  const db = createTestDatabase()
  beforeAll(async () => {
    libvirt = await startLibvirtNode({ virtType: 'qemu' })
    await libvirt.hypervisor.probeCpuModes()
  })
  afterAll(() => libvirt?.close())

  /** A running VM that wrote 1, took a memory snapshot, wrote 2, took a disk-only one, and wrote 3. */
  async function aTree() {
    const database = await db
    const worker = await aRunningWorkerVm(database, libvirt)
    const { vm, hypervisor, poolDirectory } = worker
    const take = async (includeMemory: boolean, parentId: string | null) => {
      const request = snapshotOf(vm.id, { includeMemory })
      const taken = await hypervisor.createSnapshot(request)
      const row = { ...taken, id: request.snapshotId, includeMemory, state: 'READY', parentId } as const
      return aSnapshot(database, vm.id, row)
    }
    await writeAsGuest(libvirt, vm.id, 1, 1)
    const memory = await take(true, null)
    await writeAsGuest(libvirt, vm.id, 2, 2)
    const diskOnly = await take(false, memory.id)
    await writeAsGuest(libvirt, vm.id, 3, 3)
    await database.sql`update vms set current_snapshot_id = ${diskOnly.id} where id = ${vm.id}`

    const volumeOf = async (id: string) => (await readSnapshot(database, id)).disks?.[0]?.volume ?? ''
    const fileOf = async (id: string) => path.join(poolDirectory, await volumeOf(id))
    return { ...worker, database, memory, diskOnly, fileOf }
  }

  /** What the disk holds: so many of the three writes, and zeroes for the rest. */
  async function expectWrites(vmId: string, writes: number, file?: string): Promise<void> {
    for (const nth of [1, 2, 3]) {
      const byte = nth <= writes ? nth : 0
      if (file === undefined) await expectAsGuest(libvirt, vmId, byte, nth)
      else expectInFile(file, byte, nth)
    }
  }

  /** Every disk file is there for the VM or a snapshot, and is sound. */
  async function expectNoOrphans(poolDirectory: string, vmId: string, heads: string[]): Promise<void> {
    const needed = new Set<string>()
    for (let file of heads) {
      for (let next: string | null = file; next; next = (await readOverlayFile(file))?.backing ?? null) {
        file = next
        needed.add(path.basename(file))
      }
    }
    const disks = (await readdir(poolDirectory)).filter((name) => name.startsWith(vmId) && name.endsWith('.qcow2'))
    expect(disks.sort()).toEqual([...needed].sort())
    for (const name of disks) execFileSync('qemu-img', ['check', '-q', '-U', path.join(poolDirectory, name)])
  }

  async function agreedFile(vmId: string): Promise<string> {
    const { live, inactive, qemu } = await sourcesOf(libvirt, vmId)
    expect(inactive).toEqual(live)
    if (qemu.length > 0) expect(qemu).toEqual(live)
    return live[0] ?? ''
  }

  const reverts = [...everyMoment(snapshotRevert), ...[30, 250, 700].map((ms) => `revert/before+${ms}`)]

  test.for(reverts)(
    'whose worker is killed in snapshot.revert at %s is reverted, and keeps what was',
    async (killAt) => {
      const { database, nodeId, place, poolDirectory, vm, memory, diskOnly, fileOf } = await aTree()
      const kept = await aSnapshot(database, vm.id, { origin: 'revert' })
      const input = { snapshotId: memory.id, start: false, keepAs: kept.id }
      const operation = await anOperation(database, vm, 'snapshot.revert', { input })
      expect(await startWorkerProcess(place, killAt).ended).toBe('SIGKILL')

      startWorkerProcess(place)
      await takenOver(database, nodeId, 2)
      expect(await ended(database, operation, endsWithinMs)).toMatchObject({ status: 'succeeded', error: null })
      expect(await readVm(database, vm.id)).toMatchObject({
        state: 'RUNNING',
        currentSnapshotId: memory.id,
        diskProblem: null,
      })
      expect(await readSnapshot(database, kept.id)).toMatchObject({ state: 'READY', parentId: diskOnly.id })
      const current = await agreedFile(vm.id)
      await expectWrites(vm.id, 1)
      const files = await Promise.all([memory, diskOnly, kept].map(({ id }) => fileOf(id)))
      await expectNoOrphans(poolDirectory, vm.id, [current, ...files])
      await libvirt.hypervisor.destroyVm(vm.id)
      for (const [index, file] of files.entries()) await expectWrites(vm.id, index + 1, file)
    },
  )

  const deletes = [
    ...everyMoment(snapshotDelete).map((killAt) => ({ killAt, which: 'memory' as const })),
    ...[30, 150, 400].flatMap((ms) =>
      (['memory', 'diskOnly'] as const).map((which) => ({ killAt: `reclaim/before+${ms}`, which })),
    ),
  ]

  test.for(deletes)('whose worker is killed in snapshot.delete of $which at $killAt keeps the rest', async (one) => {
    const tree = await aTree()
    const { database, nodeId, place, poolDirectory, vm } = tree
    const [gone, stays] = one.which === 'memory' ? [tree.memory, tree.diskOnly] : [tree.diskOnly, tree.memory]
    await database.sql`update snapshots set state = 'DELETING' where id = ${gone.id}`
    const operation = await anOperation(database, vm, 'snapshot.delete', { input: { snapshotId: gone.id } })
    expect(await startWorkerProcess(place, one.killAt).ended).toBe('SIGKILL')

    startWorkerProcess(place)
    await takenOver(database, nodeId, 2)
    expect(await ended(database, operation, endsWithinMs)).toMatchObject({ status: 'succeeded', error: null })
    await expect(readSnapshot(database, gone.id)).rejects.toThrow()
    expect(await readVm(database, vm.id)).toMatchObject({
      state: 'RUNNING',
      currentSnapshotId: stays.id,
      diskProblem: null,
    })
    const current = await agreedFile(vm.id)
    await expectWrites(vm.id, 3)
    const file = await tree.fileOf(stays.id)
    await expectNoOrphans(poolDirectory, vm.id, [current, file])
    await libvirt.hypervisor.destroyVm(vm.id)
    await expectWrites(vm.id, one.which === 'memory' ? 2 : 1, file)
    await expectWrites(vm.id, 3, current)
  })

  const qemuKills = ['snapshot.create', 'snapshot.revert', 'snapshot.delete'] as const

  test.for(qemuKills.flatMap((kind) => [40, 200].map((ms) => ({ kind, ms }))))(
    'whose QEMU is killed $ms ms into $kind keeps everything that was written',
    async ({ kind, ms }) => {
      const { database, nodeId, place, poolDirectory, vm, memory, diskOnly, fileOf } = await aTree()
      startWorkerProcess(place)
      await takenOver(database, nodeId, 1)
      const extra = await aSnapshot(database, vm.id, kind === 'snapshot.revert' ? { origin: 'revert' } : {})
      const input = {
        'snapshot.create': { snapshotId: extra.id },
        'snapshot.revert': { snapshotId: memory.id, start: false, keepAs: extra.id },
        'snapshot.delete': { snapshotId: memory.id },
      }[kind]
      if (kind === 'snapshot.delete')
        await database.sql`update snapshots set state = 'DELETING' where id = ${memory.id}`
      const operation = await anOperation(database, vm, kind, { input })
      await eventually(async () => (await readOperation(database, operation.id)).status !== 'queued', endsWithinMs)
      await sleep(ms)
      try {
        process.kill(qemuPid(vm.id), 'SIGKILL')
      } catch {
        // A revert has stopped it already, and not started it again.
      }
      const { status, error } = await ended(database, operation, endsWithinMs)
      await eventually(async () => ['STOPPED', 'RUNNING'].includes((await readVm(database, vm.id))?.state ?? ''))
      expect((await readVm(database, vm.id))?.diskProblem).toBeNull()
      const reverted = kind === 'snapshot.revert' && status === 'succeeded'
      const current = await agreedFile(vm.id)
      await libvirt.hypervisor.destroyVm(vm.id)
      await expectWrites(vm.id, reverted ? 1 : 3, current)
      const files = [current, await fileOf(diskOnly.id)]
      await expectWrites(vm.id, 2, files[1])
      if (kind === 'snapshot.delete') expect({ status, error }).toEqual({ status: 'succeeded', error: null })
      else {
        files.push(await fileOf(memory.id))
        await expectWrites(vm.id, 1, files[2])
        if (status === 'succeeded') files.push(await fileOf(extra.id))
      }
      await expectNoOrphans(poolDirectory, vm.id, files)
    },
  )
})
