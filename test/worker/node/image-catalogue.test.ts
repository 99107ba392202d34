import { createHash } from 'node:crypto'
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { eq } from 'drizzle-orm'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { registerNode } from '#db/nodes.ts'
import { images } from '#db/schema/image.ts'
import { aNode } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { writeImage } from '#test/support/image-files.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import { qcow2 } from '#test/worker/images/image-bytes.ts'
import { createImageCatalogue } from '#worker/node/image-catalogue.ts'

const db = await createTestDatabase()
const log = pino({ level: 'silent' })

async function aCatalogue() {
  const directory = await mkdtemp(path.join(tmpdir(), 'qi-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const node = await aNode(db)
  const stop = new AbortController()
  const open = () => createImageCatalogue({ db, directory, claimant: node, signal: stop.signal, log })
  return {
    ...open(),
    /** As a worker that starts again has it. */
    open,
    node,
    directory,
    stop,
    file: (name: string) => path.join(directory, name),
    rows: () => db.drizzle.select().from(images).where(eq(images.nodeId, node.nodeId)).orderBy(images.name),
  }
}

const backed = () => qcow2({ backingOffset: 200n, backingBytes: 11 })
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')

test('each file is listed with its format, its size and the size of the disk in it', async () => {
  const { look, file, rows } = await aCatalogue()
  await writeFile(file('debian.img'), qcow2())
  await writeImage(file('empty.raw'), 2 ** 33)
  await writeImage(file('setup.iso'), 2 ** 20)
  await look()
  const problem = null
  expect(await rows()).toMatchObject([
    { name: 'debian.img', format: 'qcow2', sizeBytes: qcow2().length, virtualSizeBytes: 2 ** 30, problem },
    { name: 'empty.raw', format: 'raw', sizeBytes: 2 ** 33, virtualSizeBytes: 2 ** 33, problem },
    { name: 'setup.iso', format: 'iso', sizeBytes: 2 ** 20, virtualSizeBytes: 2 ** 20, problem },
  ])
})

test('what cannot be used is listed with why, and what no spec can name is not', async () => {
  const { look, file, rows } = await aCatalogue()
  await writeFile(file('overlay.qcow2'), backed())
  await symlink('/etc/passwd', file('link.img'))
  await writeFile(file('.hidden.img'), qcow2())
  await writeFile(file('two words.img'), qcow2())
  await mkdir(file('directory'))
  await look()
  expect(await rows()).toMatchObject([
    { name: 'link.img', format: null, virtualSizeBytes: null, problem: { reason: 'IMAGE_NOT_A_FILE' } },
    { name: 'overlay.qcow2', format: null, problem: { reason: 'IMAGE_HAS_BACKING_FILE' } },
  ])
})

test('a file that is gone leaves the catalogue, one that was replaced is inspected again, and no other is written', async () => {
  const { look, file, rows } = await aCatalogue()
  await writeFile(file('gone.img'), qcow2())
  await writeFile(file('replaced.img'), qcow2())
  await writeFile(file('stays.img'), qcow2())
  await look()
  const [, before, stays] = await rows()
  await rm(file('gone.img'))
  await writeFile(file('new'), backed())
  await rename(file('new'), file('replaced.img'))
  await look()
  const after = await rows()
  expect(after).toMatchObject([{ name: 'replaced.img', problem: { reason: 'IMAGE_HAS_BACKING_FILE' } }, {}])
  expect([after[0]?.id, after[0]?.firstSeenAt]).toEqual([before?.id, before?.firstSeenAt])
  expect(after[1]).toEqual(stays)
})

test('nothing is written when nothing has changed', async () => {
  const { look, file } = await aCatalogue()
  await writeFile(file('good.img'), qcow2())
  await writeFile(file('overlay.qcow2'), backed())
  await look()
  const versions = () => db.sql`select name, xmin::text from images order by name`
  const before = await versions()
  await look()
  expect(await versions()).toEqual(before)
})

test('a directory that does not exist is an empty catalogue', async () => {
  const { look, file, directory, rows } = await aCatalogue()
  await writeFile(file('good.img'), qcow2())
  await look()
  await rm(directory, { recursive: true })
  await look()
  expect(await rows()).toEqual([])
})

test('a checksum comes once the file has stayed the same, and outlives the worker', async () => {
  const { look, hash, open, file, rows } = await aCatalogue()
  await writeFile(file('good.img'), qcow2())
  await look()
  await hash()
  expect(await rows()).toMatchObject([{ sha256: null }])
  const next = open()
  await next.look()
  await next.hash()
  const hashed = await rows()
  expect(hashed).toMatchObject([{ sha256: sha256(qcow2()) }])
  await open().look()
  expect(await rows()).toEqual(hashed)
})

test('a file that changes has no checksum until it is hashed again', async () => {
  const { look, hash, file, rows } = await aCatalogue()
  await writeFile(file('good.img'), qcow2())
  await look()
  await look()
  // Between the look and the hash: nothing may be said of either content.
  await appendFile(file('good.img'), 'more')
  await hash()
  expect(await rows()).toMatchObject([{ sha256: null }])
  await look()
  await look()
  await hash()
  expect(await rows()).toMatchObject([{ sha256: sha256(Buffer.concat([qcow2(), Buffer.from('more')])) }])
  await appendFile(file('good.img'), 'again')
  await look()
  expect(await rows()).toMatchObject([{ sha256: null }])
})

test('a file that is gone before it is hashed does not keep the others waiting', async () => {
  const { look, hash, file, rows } = await aCatalogue()
  await writeFile(file('a.img'), qcow2())
  await writeFile(file('b.img'), qcow2())
  await look()
  await look()
  await rm(file('a.img'))
  await hash()
  expect(await rows()).toMatchObject([{ name: 'a.img' }, { name: 'b.img', sha256: sha256(qcow2()) }])
})

test('a worker that stops does not wait for a hash', async () => {
  const { look, hash, file, rows, stop } = await aCatalogue()
  await writeFile(file('large.img'), '')
  // It takes no room, and minutes to hash.
  await truncate(file('large.img'), 2 ** 40)
  await look()
  await look()
  const hashing = hash()
  stop.abort()
  await hashing
  expect(await rows()).toMatchObject([{ sha256: null }])
})

test('a worker whose node was taken over writes nothing', async () => {
  const { look, hash, file, rows, node } = await aCatalogue()
  await writeFile(file('good.img'), qcow2())
  await look()
  await look()
  const before = await rows()
  await registerNode(db, node.nodeId, someNodeFacts())
  await hash()
  await rm(file('good.img'))
  await writeFile(file('other.img'), qcow2())
  await look()
  expect(await rows()).toEqual(before)
})
