import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test as sequentialTest } from 'vitest'
import { findImages } from '#db/images.ts'
import { findNode, registerNode } from '#db/nodes.ts'
import { eventually } from '#test/db/eventually.ts'
import { anOperation, aVm, readVm } from '#test/db/rows.ts'
import { writeImage } from '#test/support/image-files.ts'
import { anImageStore } from '#test/support/image-store.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import { definitionOf } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aWorker, db, ended } from './a-worker.ts'

// Most of their time they wait for the next poll or heartbeat.
const test = sequentialTest.concurrent

test('a node that is known begins at once, without waiting for its CPU modes to be probed', async ({
  onTestFinished,
}) => {
  const nodeId = randomUUID()
  const first = await aWorker(onTestFinished, { nodeId })
  await first.worker.close()
  let probed = () => {}
  const hypervisor = createSimulatedHypervisor()
  hypervisor.probeCpuModes = () =>
    new Promise((resolve) => {
      probed = () => resolve([])
    })
  const { worker } = await aWorker(onTestFinished, { nodeId, hypervisor })
  expect(worker.epoch).toBe(2)
  expect((await findNode(db, nodeId))?.cpuModes).toHaveLength(2)
  probed()
  await eventually(async () => (await findNode(db, nodeId))?.cpuModes.length === 0)
})

test('a worker says where its daemon is reached, and where when it has moved', async ({ onTestFinished }) => {
  const nodeId = randomUUID()
  for (const daemonAddress of ['10.0.0.7:9090', 'node-1.example:9191']) {
    const { worker } = await aWorker(onTestFinished, { nodeId, daemonAddress })
    await worker.close()
    expect(await findNode(db, nodeId)).toMatchObject({ daemonAddress })
  }
})

test('what a node ran under another hypervisor is not taken for what it runs now', async ({ onTestFinished }) => {
  const nodeId = randomUUID()
  await registerNode(db, nodeId, someNodeFacts({ hypervisor: 'libvirt' }))
  await aWorker(onTestFinished, { nodeId })
  expect(await findNode(db, nodeId)).toMatchObject({ hypervisor: 'simulated', cpuModes: [{}, {}] })
})

test('a worker whose node was taken over is told to go', async ({ onTestFinished }) => {
  let superseded = false
  const onSuperseded = () => {
    superseded = true
  }
  const { worker, serving } = await aWorker(onTestFinished, { onSuperseded })
  await aWorker(onTestFinished, { nodeId: worker.nodeId })
  await eventually(() => superseded, 8000)
  expect(serving.at(-1)).toBe(false)
})

test('a VM that changes unasked is shown so at once', async ({ onTestFinished }) => {
  const { worker, hypervisor } = await aWorker(onTestFinished)
  const vm = await aVm(db, worker.nodeId, { state: 'STOPPED' })
  await hypervisor.defineVm(definitionOf(vm))
  hypervisor.changeUnasked(vm.id, 'RUNNING')
  await eventually(async () => (await readVm(db, vm.id))?.state === 'RUNNING', 2000)
})

test('a device that a guest lets go of late comes back at once', async ({ onTestFinished }) => {
  const { worker, hypervisor } = await aWorker(onTestFinished)
  const vm = await aVm(db, worker.nodeId, { state: 'RUNNING' })
  await hypervisor.defineVm(definitionOf(vm))
  await hypervisor.startVm(vm.id)
  await eventually(async () => ((await readVm(db, vm.id))?.runId ?? null) !== null, 2000)
  const device = { target: 'vda' }
  await anOperation(db, vm, 'disk.detach', { status: 'failed', finishedAt: new Date(), input: device })
  hypervisor.letGo(vm.id, device)
  await eventually(() => hypervisor.contents.vms[vm.id]?.running?.spec.disks.length === 1, 2000)
})

test('a worker that starts says which images its node has', async ({ onTestFinished }) => {
  const imagesDirectory = await mkdtemp(path.join(tmpdir(), 'qi-'))
  onTestFinished(() => rm(imagesDirectory, { recursive: true }))
  await writeImage(path.join(imagesDirectory, 'setup.iso'), 2 ** 20)
  const { worker } = await aWorker(onTestFinished, { images: anImageStore(imagesDirectory) })
  const known = await eventually(async () => {
    const found = await findImages(db, worker.nodeId)
    return found.length > 0 && found
  }, 4000)
  expect(known).toMatchObject([{ name: 'setup.iso', problem: null }])
})

test('when a silent node is back, its VMs are known again and what was asked for is done', async ({
  onTestFinished,
}) => {
  const nodeId = randomUUID()
  await registerNode(db, nodeId, someNodeFacts())
  const message = 'Node far has not answered since 2026-11-20 18:06:00 UTC.'
  const known = await aVm(db, nodeId, { state: 'UNKNOWN', message })
  const wanted = await aVm(db, nodeId, { state: 'CREATING', message })
  const { id } = await anOperation(db, wanted, 'vm.create')
  await db.sql`update nodes set silent_since = last_seen_at where id = ${nodeId}`
  const hypervisor = createSimulatedHypervisor()
  await hypervisor.defineVm(definitionOf(known))
  await hypervisor.startVm(known.id)
  await aWorker(onTestFinished, { nodeId, hypervisor })
  expect((await findNode(db, nodeId))?.silentSince).toBeNull()
  expect(await ended(id, 8000)).toMatchObject({ status: 'succeeded' })
  expect(await readVm(db, wanted.id)).toMatchObject({ state: 'STOPPED', message: '' })
  await eventually(async () => (await readVm(db, known.id))?.state === 'RUNNING', 2000)
  expect(await readVm(db, known.id)).toMatchObject({ state: 'RUNNING', message: '' })
})

test('what is free on a node is told when its worker starts and with every heartbeat', async ({ onTestFinished }) => {
  const options = { storageFreeBytes: 7 * 2 ** 30, tscFrequencyHz: 2_596_126_000 }
  const { worker } = await aWorker(onTestFinished, { hypervisor: createSimulatedHypervisor(options) })
  expect(await findNode(db, worker.nodeId)).toMatchObject({ ...options, tscScaling: false })
  options.storageFreeBytes = 3 * 2 ** 40
  await eventually(async () => (await findNode(db, worker.nodeId))?.storageFreeBytes === 3 * 2 ** 40, 8000)
})
