import fc from 'fast-check'
import { bytesAt, qcow2 } from './image-bytes.ts'

const headBytes = 0x10000
/** Where qcow2's fields of 4 or 8 bytes are (docs/interop/qcow2.txt of QEMU), the first extension among them. */
const words = [4, 16, 20, 32, 36, 56, 60, 96, 100, 104, 112, 116, 136, 140]
const longs = [8, 24, 40, 48, 64, 72, 80, 88]
/** Values that mean something to some field, and the ends of ranges. */
const telling = [
  ...[0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 14, 16, 21, 22, 72, 103, 104, 112, 120, 200, 0x10000, 0x10001, 0x20000, 0x30000],
  ...[0x44415441, 0xe2792aca, 0x6803f857, 0x23852875, 0x0537be77, 0x7fffffff, 0x80000000, 0xffffffff],
]
const value = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...telling) }, fc.nat(0xffffffff))

type Mutation = (head: Buffer) => void

const setWord = fc.tuple(fc.constantFrom(...words), value).map(
  ([at, to]): Mutation =>
    (head) =>
      head.writeUInt32BE(to, at),
)
const setLong = fc
  .tuple(fc.constantFrom(...longs), fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, value), value)
  .map(
    ([at, high, low]): Mutation =>
      (head) =>
        head.writeBigUInt64BE((BigInt(high) << 32n) | BigInt(low), at),
  )
const setByte = fc.tuple(fc.nat(200), fc.nat(255)).map(
  ([at, to]): Mutation =>
    (head) =>
      head.writeUInt8(to, at),
)
const setName = fc
  .tuple(fc.constantFrom(120, 144, 200, 0x8000, 0xfff0), fc.constantFrom('/etc/passwd', 'json:{"driver":"null-co"}'))
  .map(
    ([at, name]): Mutation =>
      (head) =>
        head.write(name, at),
  )
const addBackingFile = fc.constantFrom(200, 0x8000).map(
  (at): Mutation =>
    (head) => {
      head.writeBigUInt64BE(BigInt(at), 8)
      head.writeUInt32BE(head.write('/etc/passwd', at), 16)
    },
)
const addDataFile = fc.constantFrom(72, 104, 112).map(
  (at): Mutation =>
    (head) => {
      head.writeUInt32BE(0x44415441, at)
      head.writeUInt32BE(head.write('/etc/passwd', at + 8), at + 4)
    },
)

const mutation = fc.oneof(setWord, setLong, setByte, setName, addBackingFile, addDataFile)

/** The head of a qcow2 file, in which any field may have changed. */
export const mutatedQcow2 = fc
  .tuple(fc.constantFrom(2, 3), fc.array(mutation, { maxLength: 4 }))
  .map(([version, mutations]) => {
    const head = Buffer.from(qcow2({ version }).subarray(0, headBytes))
    for (const mutate of mutations) mutate(head)
    head.write('QFI\xfb', 'latin1')
    return Object.assign(head, { [fc.toStringMethod]: () => head.toString('hex').replace(/(00)+$/, '') })
  })

const pieces = [
  ...['#', '# Disk DescriptorFile', 'version=1', 'version=2', 'version=3', 'version=4', ' ', '\n', '\r\n', '\n'],
  ...['createType="monolithicFlat"', 'RW 2048 FLAT "/etc/passwd" 0', 'KDMV', 'COWD', 'conectix', 'vhdxfile', 'QED\0'],
  ...[
    'LUKS\xba\xbe\0\x01',
    'WithoutFreeSpace',
    '\x02\0\0\0',
    'Bochs Virtual HD Image',
    '#!/bin/sh\n#V2.0 Format\n',
    'x',
  ],
]

/** A small file that may be a descriptor of a disk, or begin like one of another format. */
export const textImage = fc
  .array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...pieces) }, fc.string({ maxLength: 3 })), { maxLength: 6 })
  .map((parts) => bytesAt([[0, parts.join('')]], 4096))
