import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, inject, test } from 'vitest'
import { operationsOf } from '#test/live/snapshots-model/operation.ts'
import { runOperations } from '#test/live/snapshots-model/run.ts'
import { simulatedDisks } from '#test/live/snapshots-model/simulated-disks.ts'
import { diskBytes } from '#test/live/snapshots-model/slots.ts'
import { baseImage, type ModelSystem, startModelSystem } from '#test/live/snapshots-model/system.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'

async function startSimulatedSystem(): Promise<ModelSystem> {
  const imagesDirectory = await mkdtemp(path.join(tmpdir(), 'qs-'))
  await writeFile(path.join(imagesDirectory, baseImage), '')
  await truncate(path.join(imagesDirectory, baseImage), diskBytes)
  const hypervisor = createSimulatedHypervisor({ imagesDirectory })
  return startModelSystem(inject('templateDatabaseUrl'), {
    nodeId: randomUUID(),
    hypervisor,
    disks: simulatedDisks(hypervisor),
    reopen: async () => hypervisor,
    close: () => rm(imagesDirectory, { recursive: true }),
  })
}

test.concurrent.for([1, 2, 3])(
  'hundreds of operations through the API keep every byte on the simulated node, seed %i',
  async (seed) => {
    const system = await startSimulatedSystem()
    try {
      const operations = operationsOf(seed, 400)
      const done = await runOperations(system, { firmware: 'bios', operations, snapshotsMax: 12 })
      expect(done.length).toBeGreaterThan(150)
    } finally {
      await system.close()
    }
  },
)
