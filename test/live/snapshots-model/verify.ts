import { expect } from 'vitest'
import type { DiskAccess } from './disk-access.ts'
import { type Model, storedSnapshots, targets } from './model.ts'

/** Throws unless the VM is what the model says, its snapshots hold what they held, and nothing lies about. */
export async function verify(node: DiskAccess, model: Model): Promise<void> {
  const { vmId } = model
  const { hypervisor } = node
  expect((await hypervisor.observeVm(vmId))?.state, "the VM's state").toBe(model.state)
  const current = await node.currentDisks(vmId)
  expect(current.map(({ target }) => target)).toEqual(targets)
  const problem = await hypervisor.checkDisks({ vmId, snapshots: storedSnapshots(model) })
  expect(problem, 'what the check of the disks found').toBeNull()
  expect(await node.currentDisks(vmId), 'the disks after they were checked').toEqual(current)

  const contents = await Promise.all(current.map(({ volume }) => node.read(volume)))
  expect(contents, 'what the disks hold').toEqual(model.disks)
  for (const { stored, disks } of model.snapshots) {
    const kept = []
    for (const target of targets) {
      const disk = stored.disks.find((found) => found.target === target)
      kept.push(disk && (await node.read(disk.volume)))
    }
    expect(kept, `what the snapshot ${stored.snapshotId} holds`).toEqual(disks)
  }

  await requireNoOrphans(
    node,
    model,
    current.map(({ volume }) => volume),
  )
  await node.requireSound(vmId)
}

/** A file that nobody needs stays only while several others stand on it. */
async function requireNoOrphans(node: DiskAccess, model: Model, current: string[]): Promise<void> {
  const files = await node.files(model.vmId)
  const kept = storedSnapshots(model).flatMap(({ disks, memoryVolume, nvramVolume }) => [
    ...disks.map(({ volume }) => volume),
    ...[memoryVolume, nvramVolume].filter((name) => name !== null),
  ])
  const needed = new Set([...current, ...kept])
  const names = [...files.keys()]
  expect(names, 'the files of the VM').toEqual(expect.arrayContaining([...needed]))
  if (model.littered) return
  const backings = [...files.values()]
  const orphans = names.filter((name) => !needed.has(name) && backings.filter((backing) => backing === name).length < 2)
  expect(orphans, 'files that nobody needs').toEqual([])
}
