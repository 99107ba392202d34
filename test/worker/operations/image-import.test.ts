import { readFile, writeFile } from 'node:fs/promises'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '#test/db/eventually.ts'
import { anOperation, aVm, readOperation } from '#test/db/rows.ts'
import { anImageServer, serveContent } from '#test/support/image-server.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { createExecutor } from '#worker/operations/executor.ts'
import type { StepMoment } from '#worker/operations/run-steps.ts'
import { checksum, content, expectImported, expectNothingLeft } from './image-imports.ts'
import { anImageWorld, db, holdsTheImageGuarantees } from './image-world.ts'

const log = pino({ level: 'silent' })

holdsTheImageGuarantees({
  kind: 'image.import',
  async arrange() {
    const world = await anImageWorld()
    const { url } = await anImageServer((request, response) =>
      response.end(serveContent(request, response, { content })),
    )
    return { world, operation: await world.beginImport({ source: { url, checksum } }) }
  },
  expectDone: expectImported,
})

test('no file has the name of the image before it is whole and was found good', async () => {
  const world = await anImageWorld()
  const { url } = await anImageServer((request, response) => response.end(serveContent(request, response, { content })))
  const seen: string[] = []
  const at = async (_: string, moment: StepMoment) => {
    if (moment === 'before') seen.push(...(await world.files()))
  }
  await world.perform(await world.beginImport({ source: { url, checksum } }), { at })
  expect(seen.length).toBeGreaterThan(0)
  expect(seen).not.toContain('debian.qcow2')
})

test('a file that has the name already stays as it is, also one that came meanwhile', async () => {
  const world = await anImageWorld()
  const { url } = await anImageServer((request, response) => response.end(serveContent(request, response, { content })))
  const failed = { status: 'failed', error: { code: 'already_exists', reason: 'IMAGE_NAME_TAKEN' } }
  const meanwhile = await world.beginImport({ source: { url, checksum } })
  const at = async (step: string, moment: StepMoment) => {
    if (step === 'place' && moment === 'before') await writeFile(world.file('debian.qcow2'), 'mine')
  }
  expect(await world.perform(meanwhile, { at })).toMatchObject(failed)
  expect(await readFile(world.file('debian.qcow2'), 'utf8')).toBe('mine')
  expect(await world.perform(await world.beginImport({ source: { url, checksum } }))).toMatchObject(failed)
  expect(await readFile(world.file('debian.qcow2'), 'utf8')).toBe('mine')
  expect(await world.files()).toEqual(['debian.qcow2'])
})

test.each([
  ['that waits for its server', { url: 'x', checksum }],
  ['that waits for its pieces', { upload: { sizeBytes: content.length } }],
])('an import %s ends when somebody asks for it', async (_, source) => {
  const world = await anImageWorld()
  const { url, requests } = await anImageServer(() => {})
  const operation = await world.beginImport({ source: 'url' in source ? { ...source, url } : source })
  const performed = world.perform(operation)
  await eventually(async () => ('url' in source ? requests.length : (await world.files()).length) > 0)
  await db.sql`update operations set cancel_requested_at = now() where id = ${operation.id}`
  expect(await performed).toMatchObject({ status: 'failed', error: { code: 'aborted', reason: 'CANCELLED' } })
  await expectNothingLeft(world)
})

test('imports take no place from operations on VMs', async () => {
  const world = await anImageWorld()
  const { url, requests } = await anImageServer(() => {})
  const [vm, images] = [await aVm(db, world.node.nodeId, { state: 'CREATING' }), { db, store: world.store }]
  const executor = createExecutor({
    db,
    log,
    hypervisor: world.hypervisor,
    images,
    secretBox: testSecretBox,
    claimant: world.node,
    concurrency: 1,
  })
  onTestFinished(() => executor.close(2000))
  for (const name of ['one', 'two', 'three']) await world.beginImport({ name, source: { url, checksum } })
  await executor.poll()
  await eventually(async () => requests.length === 3)
  const { id } = await anOperation(db, vm, 'vm.create')
  await executor.wake(id)
  expect(await eventually(async () => (await readOperation(db, id)).finishedAt)).toBeTruthy()
})
