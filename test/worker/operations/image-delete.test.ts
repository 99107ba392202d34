import { readFile, rm, writeFile } from 'node:fs/promises'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { aVm } from '#test/db/rows.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { qcow2 } from '#test/worker/images/image-bytes.ts'
import { createImageCatalogue } from '#worker/node/image-catalogue.ts'
import { anImageWorld, db, holdsTheImageGuarantees, type ImageWorld } from './image-world.ts'

/** A world with one image that the catalogue knows. */
async function withImage(given: Parameters<typeof anImageWorld>[0] = {}) {
  const world = await anImageWorld(given)
  await writeFile(world.file('debian.qcow2'), qcow2())
  await aLook(world)
  const [image] = await world.images()
  if (!image) throw new Error('the catalogue has no image')
  return { world, image }
}

const aLook = ({ directory, node }: ImageWorld) =>
  createImageCatalogue({
    db,
    directory,
    claimant: node,
    signal: new AbortController().signal,
    log: pino({ level: 'silent' }),
  }).look()

holdsTheImageGuarantees({
  kind: 'image.delete',
  async arrange() {
    const { world, image } = await withImage()
    return { world, operation: await world.beginDelete(image) }
  },
  async expectDone({ files, images }) {
    expect(await files()).toEqual([])
    expect(await images()).toEqual([])
  },
})

test('an image whose file is gone already is deleted', async () => {
  const { world, image } = await withImage()
  const operation = await world.beginDelete(image)
  await rm(world.file('debian.qcow2'))
  expect(await world.perform(operation)).toMatchObject({ status: 'succeeded' })
  expect(await world.images()).toEqual([])
})

test('an image that a VM came to need after the request stays, and says who needs it', async () => {
  const { world, image } = await withImage()
  const operation = await world.beginDelete(image)
  const spec = aSpec({ disks: [{ baseImage: 'debian.qcow2' }] })
  const vm = await aVm(db, world.node.nodeId, { spec })
  expect(await world.perform(operation)).toMatchObject({
    status: 'failed',
    error: { reason: 'IMAGE_IN_USE', message: expect.stringContaining(vm.name), details: { users: [`VM ${vm.name}`] } },
  })
  expect(await readFile(world.file('debian.qcow2'))).toEqual(qcow2())
  expect(await world.images()).toMatchObject([{ id: image.id, state: 'READY' }])
})

test('an image that a kept disk of a VM that is gone stands on stays', async () => {
  const { world, image } = await withImage()
  const vm = await aVm(db, world.node.nodeId)
  await world.hypervisor.createDisk({ vmId: vm.id, target: 'vda', baseImage: 'debian.qcow2' })
  await world.hypervisor.keepVolume(vm.id, `${vm.id}.vda.qcow2`, 'volume-1.qcow2')
  const ended = await world.perform(await world.beginDelete(image))
  expect(ended).toMatchObject({
    error: { reason: 'IMAGE_IN_USE', details: { users: ['disk file volume-1.qcow2'] } },
  })
  expect(await world.files()).toEqual(['debian.qcow2'])
})

test('an image that is being deleted has its name again when that fails, and meanwhile nothing new finds it', async () => {
  let looks = 0
  const { world, image } = await withImage({
    onCall(call, moment) {
      if (call !== 'findImageUsers' || moment !== 'before' || ++looks < 2) return
      throw new AppError('internal', 'injected', { reason: 'INJECTED' })
    },
  })
  const ended = await world.perform(await world.beginDelete(image))
  expect(looks).toBe(2)
  expect(ended).toMatchObject({ status: 'failed', error: { reason: 'INJECTED' } })
  expect(await readFile(world.file('debian.qcow2'))).toEqual(qcow2())
  await aLook(world)
  expect(await world.images()).toMatchObject([{ id: image.id, state: 'READY' }])
})
