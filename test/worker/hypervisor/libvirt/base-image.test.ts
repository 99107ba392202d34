import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inspectBaseImage } from '#worker/hypervisor/libvirt/base-image.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'images-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function image(content: Buffer): Promise<string> {
  const file = path.join(directory, `${Math.random()}.img`)
  await writeFile(file, content)
  return file
}

/** A qcow2 header of 104 bytes; fields as docs/interop/qcow2.txt has them. */
function qcow2(
  fields: { version?: number; backing?: bigint; size?: bigint; crypt?: number; incompatible?: bigint } = {},
) {
  const header = Buffer.alloc(512)
  header.write('QFI\xfb', 'latin1')
  header.writeUInt32BE(fields.version ?? 3, 4)
  header.writeBigUInt64BE(fields.backing ?? 0n, 8)
  header.writeBigUInt64BE(fields.size ?? 2n ** 30n, 24)
  header.writeUInt32BE(fields.crypt ?? 0, 32)
  header.writeBigUInt64BE(fields.incompatible ?? 0n, 72)
  return header
}

test.for([
  ['version 3', qcow2()],
  ['version 2, where later fields mean nothing', qcow2({ version: 2, incompatible: 4n })],
  ['dirty, with another compression and extended L2', qcow2({ incompatible: 0b11001n })],
] as const)('a qcow2 image is taken with the size in its header: %s', async ([, content]) => {
  const file = await image(content)
  expect(await inspectBaseImage(file)).toEqual({ path: file, format: 'qcow2', capacityBytes: 2 ** 30 })
})

test('anything else is a raw disk, of its size in whole sectors', async () => {
  const file = await image(Buffer.alloc(1000, 0xeb))
  expect(await inspectBaseImage(file)).toEqual({ path: file, format: 'raw', capacityBytes: 1024 })
})

test.for([
  ['empty', Buffer.alloc(0), /empty/],
  ['with a backing file', qcow2({ backing: 112n }), /backing file/],
  ['with an external data file', qcow2({ incompatible: 4n }), /another file/],
  ['marked as corrupt', qcow2({ incompatible: 2n }), /corrupt/],
  ['with features of the future', qcow2({ incompatible: 1n << 40n }), /not known/],
  ['encrypted', qcow2({ crypt: 1 }), /encrypted/],
  ['of size 0', qcow2({ size: 0n }), /size/],
  ['of size 2^63', qcow2({ size: 2n ** 63n }), /size/],
  ['qcow 1', qcow2({ version: 1 }), /version 1/],
  ['VMDK', Buffer.from('KDMV'), /VMDK/],
  ['VHDX', Buffer.from('vhdxfile'), /VHDX/],
  ['VDI', Buffer.concat([Buffer.alloc(64), Buffer.from('7f10dabe', 'hex')]), /VDI/],
  ['gzip', Buffer.from('1f8b0800', 'hex'), /gzip/],
  ['LUKS', Buffer.from('LUKS\xba\xbe', 'latin1'), /LUKS/],
] as const)('an image that QEMU should not be given is refused: %s', async ([, content, message]) => {
  await expect(inspectBaseImage(await image(content))).rejects.toMatchObject({
    code: 'failed_precondition',
    reason: 'BASE_IMAGE_UNUSABLE',
    message: expect.stringMatching(message),
  })
})

test('a qcow2 header that is cut off is no header', async () => {
  const file = await image(qcow2().subarray(0, 20))
  await expect(inspectBaseImage(file)).rejects.toMatchObject({ reason: 'BASE_IMAGE_UNUSABLE' })
})
