import { expect } from 'vitest'
import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import { findReadySnapshots } from '#db/stored-snapshots.ts'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { succeeded } from '#test/e2e/system.ts'
import type { StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { nvramVolume } from '#worker/hypervisor/storage-names.ts'
import type { DiskAccess } from './disk-access.ts'
import { type Model, type Nvram, targets } from './model.ts'
import type { ModelSystem } from './system.ts'

/** Throws unless the rows and the node agree on a VM that is what the model says, and nothing lies about. */
export async function verify(system: ModelSystem, model: Model): Promise<void> {
  const { disks, database, nodeId } = system
  const { vmId } = model
  await verifyVm(system, model)
  await verifyTree(system, model)
  expect(await disks.state(vmId), "the VM's state on its node").toBe(model.state)
  const current = await disks.currentDisks(vmId)
  expect(current.map(({ target }) => target)).toEqual(targets)
  const contents = await Promise.all(current.map(({ volume }) => disks.read(volume)))
  expect(contents, 'what the disks hold').toEqual(model.disks)

  const stored = await namedNow(disks, model, await findReadySnapshots(database, nodeId, vmId))
  await verifySnapshots(disks, model, stored)
  if (model.state === 'STOPPED') {
    model.nvram = await sameNvram(disks, nvramVolume(vmId), model.nvram)
  }
  await requireNoOrphans(
    disks,
    model,
    current.map(({ volume }) => volume),
    stored,
  )
  await disks.requireSound(vmId)
}

async function verifyVm({ client }: ModelSystem, { vmId: id, state, currentSnapshotId }: Model): Promise<void> {
  const { status, operation } = succeeded(await sdk.getVm({ client, path: { id } }))
  const { effectiveCpu, startedAt } = status
  expect({
    state: status.state,
    currentSnapshotId: status.currentSnapshotId,
    diskProblem: status.diskProblem,
    running: [effectiveCpu !== null, startedAt !== null],
    operation,
  }).toEqual({
    state,
    currentSnapshotId,
    diskProblem: null,
    running: [state !== 'STOPPED', state !== 'STOPPED'],
    operation: undefined,
  })
}

const consistencyOf = { memory: 'memory', 'disk-only': 'crash', offline: 'offline' } as const

async function verifyTree({ client }: ModelSystem, model: Model): Promise<void> {
  const { items } = succeeded(await sdk.listSnapshots({ client, path: { id: model.vmId } }))
  const shown = items.map(({ id, origin, status: { state }, kind, consistency, parentId, current }) => [
    id,
    { origin, state, kind, consistency, parentId, current },
  ])
  const wanted = model.snapshots.map(({ id, origin, state, kind, parentId }) => [
    id,
    {
      origin,
      state,
      kind,
      consistency: kind && consistencyOf[kind],
      parentId,
      current: id === model.currentSnapshotId,
    },
  ])
  expect(Object.fromEntries(shown), 'the tree of snapshots').toEqual(Object.fromEntries(wanted))
}

/** After a reclaim that failed the rows may name what was merged: the node follows it, and so is to be followed here. */
async function namedNow(disks: DiskAccess, { vmId, littered }: Model, stored: readonly StoredSnapshot[]) {
  if (!littered) return stored
  const nameNow = async ({ target, volume }: SnapshotDisk) => ({ target, volume: await disks.nameNow(vmId, volume) })
  return Promise.all(
    stored.map(async (snapshot) => ({ ...snapshot, disks: await Promise.all(snapshot.disks.map(nameNow)) })),
  )
}

async function verifySnapshots(disks: DiskAccess, model: Model, stored: readonly StoredSnapshot[]): Promise<void> {
  for (const snapshot of model.snapshots.filter(({ state }) => state === 'READY')) {
    const row = stored.find(({ snapshotId }) => snapshotId === snapshot.id)
    expect(row?.disks.map(({ target }) => target)).toEqual(targets)
    const held = await Promise.all(row?.disks.map(({ volume }) => disks.read(volume)) ?? [])
    expect(held, `what the snapshot ${snapshot.id} holds`).toEqual(snapshot.disks)
    expect(row?.memoryVolume !== null, `the snapshot ${snapshot.id} has memory`).toBe(snapshot.kind === 'memory')
    snapshot.nvram = await sameNvram(disks, row?.nvramVolume ?? null, snapshot.nvram)
  }
}

/** What the firmware wrote while it ran is known when it cannot write any more, and stays. */
async function sameNvram(disks: DiskAccess, volume: string | null, known: Nvram): Promise<string | null> {
  const found = volume && (await disks.digest(volume))
  if (known !== undefined) expect(found, `the UEFI variables in ${volume}`).toBe(known)
  return found
}

/** A file that nobody needs stays only while several others stand on it. */
async function requireNoOrphans(
  disks: DiskAccess,
  { vmId, littered }: Model,
  current: readonly string[],
  stored: readonly StoredSnapshot[],
): Promise<void> {
  const files = await disks.files(vmId)
  const kept = stored.flatMap(({ disks, memoryVolume, nvramVolume }) => [
    ...disks.map(({ volume }) => volume),
    ...[memoryVolume, nvramVolume].filter((name) => name !== null),
  ])
  const needed = new Set([...current, ...kept])
  const names = [...files.keys()]
  expect(names, 'the files of the VM').toEqual(expect.arrayContaining([...needed]))
  if (littered) return
  needed.add(nvramVolume(vmId))
  const backings = [...files.values()]
  const orphans = names.filter((name) => !needed.has(name) && backings.filter((backing) => backing === name).length < 2)
  expect(orphans, 'files that nobody needs').toEqual([])
}
