import { isoMark } from '#test/support/image-files.ts'
import { type ImageSample, sampleHeadBytes, sampleTailBytes } from '#worker/images/inspect/sample.ts'

/** What a file of this content is inspected by. */
export const sampleOf = (content: Buffer): ImageSample => ({
  fileBytes: content.length,
  head: content.subarray(0, sampleHeadBytes),
  tail: content.subarray(-sampleTailBytes),
})

interface Qcow2Fields {
  version?: number
  backingOffset?: bigint
  backingBytes?: number
  clusterBits?: number
  sizeBytes?: bigint
  encryption?: number
  l1Entries?: number
  l1Offset?: bigint
  refcountTableOffset?: bigint
  refcountTableClusters?: number
  snapshotCount?: number
  incompatible?: bigint
  refcountOrder?: number
  headerBytes?: number
  compression?: number
  extensions?: readonly { type: number; data: string; length?: number }[]
  fileBytes?: number
}

/** A qcow2 of 1 GiB as `qemu-img create` lays it out, with these fields changed (docs/interop/qcow2.txt of QEMU). */
export function qcow2(fields: Qcow2Fields = {}): Buffer {
  const content = Buffer.alloc(fields.fileBytes ?? 0x40000)
  content.write('QFI\xfb', 'latin1')
  content.writeUInt32BE(fields.version ?? 3, 4)
  content.writeBigUInt64BE(fields.backingOffset ?? 0n, 8)
  content.writeUInt32BE(fields.backingBytes ?? 0, 16)
  content.writeUInt32BE(fields.clusterBits ?? 16, 20)
  content.writeBigUInt64BE(fields.sizeBytes ?? 2n ** 30n, 24)
  content.writeUInt32BE(fields.encryption ?? 0, 32)
  content.writeUInt32BE(fields.l1Entries ?? 2, 36)
  content.writeBigUInt64BE(fields.l1Offset ?? 0x30000n, 40)
  content.writeBigUInt64BE(fields.refcountTableOffset ?? 0x10000n, 48)
  content.writeUInt32BE(fields.refcountTableClusters ?? 1, 56)
  content.writeUInt32BE(fields.snapshotCount ?? 0, 60)
  content.writeBigUInt64BE(fields.incompatible ?? 0n, 72)
  content.writeUInt32BE(fields.refcountOrder ?? 4, 96)
  const headerBytes = fields.headerBytes ?? 112
  content.writeUInt32BE(headerBytes, 100)
  content[104] = fields.compression ?? 0
  let at = fields.version === 2 ? 72 : headerBytes
  for (const { type, data, length } of fields.extensions ?? []) {
    content.writeUInt32BE(type, at)
    content.writeUInt32BE(length ?? data.length, at + 4)
    content.write(data, at + 8)
    at += 8 + Math.ceil(data.length / 8) * 8
  }
  return content
}

/** A file of zeros with texts at places. */
export function bytesAt(texts: readonly (readonly [offset: number, latin1: string])[], fileBytes = 0x20000): Buffer {
  const content = Buffer.alloc(fileBytes)
  for (const [offset, text] of texts) content.write(text, offset, 'latin1')
  return content
}

export const iso = (texts: readonly (readonly [number, string])[] = []): Buffer =>
  bytesAt([[isoMark.offset, isoMark.bytes], ...texts])
