import { describe, expect, test } from 'vitest'
import { type ImageFormat, inspectImage } from '#worker/images/inspect/inspect-image.ts'
import { bytesAt, iso, qcow2, sampleOf } from './image-bytes.ts'

const disk = ['qcow2', 'raw'] as const
const anything: readonly ImageFormat[] = ['qcow2', 'raw', 'iso']
const dataFile = 0x44415441

const inspect = (content: Buffer, expected: readonly ImageFormat[] = anything) =>
  inspectImage(sampleOf(content), expected)
const gib = 2 ** 30

describe('an image is taken for what its content is', () => {
  test.for([
    ['version 3', qcow2()],
    ['version 2, where later fields mean nothing', qcow2({ version: 2, incompatible: 4n, headerBytes: 0 })],
    ['dirty', qcow2({ incompatible: 1n })],
    ['zstd', qcow2({ incompatible: 8n, compression: 1 })],
    ['extended L2', qcow2({ incompatible: 16n, l1Entries: 4 })],
    ['unknown compatible features', qcow2({ extensions: [{ type: 0x12345678, data: 'not for us' }] })],
  ] as const)('qcow2: %s', ([, content]) => {
    expect(inspect(content)).toEqual({ format: 'qcow2', virtualSizeBytes: gib })
  })

  test.for([
    ['of zeros', bytesAt([]), 0x20000],
    ['in whole sectors', Buffer.alloc(1000, 0xeb), 1024],
    ['of one byte', Buffer.from('x'), 512],
    ['with an MBR', bytesAt([[510, '\x55\xaa']]), 0x20000],
    [
      'with a GPT',
      bytesAt([
        [510, '\x55\xaa'],
        [512, 'EFI PART'],
      ]),
      0x20000,
    ],
    [
      'with a file system',
      bytesAt([
        [3, 'NTFS    '],
        [0x438, '\x53\xef'],
      ]),
      0x20000,
    ],
    ['with text that is no descriptor', Buffer.from('# a comment\n\nversion=4\n'), 512],
  ] as const)('raw: a disk %s', ([, content, virtualSizeBytes]) => {
    expect(inspect(content, disk)).toEqual({ format: 'raw', virtualSizeBytes })
  })

  test.for([
    ['ISO 9660', iso()],
    [
      'hybrid, with MBR and GPT',
      iso([
        [510, '\x55\xaa'],
        [512, 'EFI PART'],
      ]),
    ],
    ['UDF alone', bytesAt([[0x8001, 'BEA01']])],
  ] as const)('iso: %s', ([, content]) => {
    expect(inspect(content)).toEqual({ format: 'iso', virtualSizeBytes: 0x20000 })
  })
})

describe('an image that leads other programs astray is refused', () => {
  test.for([
    ['a backing file', qcow2({ backingOffset: 200n, backingBytes: 11 }), 'IMAGE_HAS_BACKING_FILE'],
    ['a backing file without a place, as libvirt reads it', qcow2({ backingBytes: 8 }), 'IMAGE_HAS_BACKING_FILE'],
    ['a backing file of no length', qcow2({ backingOffset: 200n }), 'IMAGE_HAS_BACKING_FILE'],
    [
      'a backing file, version 2',
      qcow2({ version: 2, backingOffset: 200n, backingBytes: 9 }),
      'IMAGE_HAS_BACKING_FILE',
    ],
    ['an external data file', qcow2({ incompatible: 4n }), 'IMAGE_HAS_DATA_FILE'],
    ['the name of one', qcow2({ extensions: [{ type: dataFile, data: '/etc/shadow' }] }), 'IMAGE_HAS_DATA_FILE'],
    [
      'the name of one behind another extension',
      qcow2({
        extensions: [
          { type: 1, data: 'abc' },
          { type: dataFile, data: '/etc/shadow' },
        ],
      }),
      'IMAGE_HAS_DATA_FILE',
    ],
    [
      'the name of one, version 2',
      qcow2({ version: 2, extensions: [{ type: dataFile, data: '/etc/shadow' }] }),
      'IMAGE_HAS_DATA_FILE',
    ],
    ['a feature of the future', qcow2({ incompatible: 1n << 5n }), 'IMAGE_HAS_UNKNOWN_FEATURES'],
    ['the last feature', qcow2({ incompatible: 1n << 63n }), 'IMAGE_HAS_UNKNOWN_FEATURES'],
    ['AES', qcow2({ encryption: 1 }), 'IMAGE_IS_ENCRYPTED'],
    ['LUKS', qcow2({ encryption: 2 }), 'IMAGE_IS_ENCRYPTED'],
    ['the mark of corruption', qcow2({ incompatible: 2n }), 'IMAGE_IS_CORRUPT'],
    ['a snapshot inside', qcow2({ snapshotCount: 1 }), 'IMAGE_HAS_SNAPSHOTS'],
    ['a huge table of snapshots', qcow2({ snapshotCount: 0xffffffff }), 'IMAGE_HAS_SNAPSHOTS'],
    ['size 0', qcow2({ sizeBytes: 0n, l1Entries: 0 }), 'IMAGE_SIZE_NOT_SUPPORTED'],
    ['size 64 TiB and a byte', qcow2({ sizeBytes: 2n ** 46n + 1n }), 'IMAGE_SIZE_NOT_SUPPORTED'],
    ['size 2^63', qcow2({ sizeBytes: 2n ** 63n }), 'IMAGE_SIZE_NOT_SUPPORTED'],
    ['size 2^64 - 1', qcow2({ sizeBytes: 2n ** 64n - 1n }), 'IMAGE_SIZE_NOT_SUPPORTED'],
    ['version 1', qcow2({ version: 1 }), 'IMAGE_FORMAT_NOT_SUPPORTED'],
    ['version 4', qcow2({ version: 4 }), 'IMAGE_FORMAT_NOT_SUPPORTED'],
  ] as const)('qcow2 with %s', ([, content, reason]) => {
    expect(inspect(content)).toMatchObject({ reason })
  })

  test.for([
    ['a disk of a sector and a byte', qcow2({ sizeBytes: 513n }), 'sectors'],
    ['clusters of 256 bytes', qcow2({ clusterBits: 8 }), 'size of its clusters'],
    ['clusters of 4 MiB', qcow2({ clusterBits: 22 }), 'size of its clusters'],
    ['clusters of 2^4294967295 bytes', qcow2({ clusterBits: 0xffffffff }), 'size of its clusters'],
    [
      'extended L2 in clusters that are too small for it',
      qcow2({ incompatible: 16n, clusterBits: 13 }),
      'size of its clusters',
    ],
    ['a header of 103 bytes', qcow2({ headerBytes: 103 }), 'its own length'],
    ['a header longer than a cluster', qcow2({ headerBytes: 0x10001 }), 'its own length'],
    [
      'an extension longer than the header',
      qcow2({ extensions: [{ type: 1, data: '', length: 0xffffffff }] }),
      'extensions',
    ],
    [
      'an extension up to the end of the cluster and a byte',
      qcow2({ extensions: [{ type: 1, data: '', length: 0x10000 - 119 }] }),
      'extensions',
    ],
    ['a compression that is not known', qcow2({ incompatible: 8n, compression: 2 }), 'compression'],
    ['a compression without its feature', qcow2({ compression: 1 }), 'compression'],
    ['the feature without a compression', qcow2({ incompatible: 8n }), 'compression'],
    ['reference counts of 128 bits', qcow2({ refcountOrder: 7 }), 'width'],
    ['no reference counts', qcow2({ refcountTableClusters: 0 }), 'table of reference'],
    ['reference counts out of the file', qcow2({ refcountTableOffset: 0x40000n }), 'table of reference'],
    ['reference counts between clusters', qcow2({ refcountTableOffset: 0x10001n }), 'table of reference'],
    ['reference counts in the header', qcow2({ refcountTableOffset: 0n }), 'table of reference'],
    ['256 TiB of reference counts', qcow2({ refcountTableClusters: 0xffffffff }), 'table of reference'],
    ['an L1 table that is too small for its disk', qcow2({ l1Entries: 1 }), 'L1 table'],
    ['no L1 table', qcow2({ l1Entries: 0 }), 'L1 table'],
    ['an L1 table of 32 GiB', qcow2({ l1Entries: 0xffffffff }), 'L1 table'],
    ['an L1 table larger than QEMU takes', qcow2({ l1Entries: 2 ** 22 + 1, fileBytes: 2 ** 26 }), 'L1 table'],
    ['an L1 table out of the file', qcow2({ l1Offset: 0x40000n }), 'L1 table'],
    ['an L1 table at 2^64 - 1', qcow2({ l1Offset: 2n ** 64n - 1n }), 'L1 table'],
    ['an L1 table between clusters', qcow2({ l1Offset: 0x30008n }), 'L1 table'],
    ['nothing behind its header', qcow2().subarray(0, 0x30000), 'L1 table'],
    ['a header that is cut off', qcow2().subarray(0, 103), 'within its header'],
    ['a magic and no more', qcow2().subarray(0, 4), 'within its header'],
  ] as const)('qcow2 with %s', ([, content, message]) => {
    const refusal = { reason: 'IMAGE_MALFORMED', message: expect.stringContaining(message) }
    expect(inspect(content)).toMatchObject(refusal)
  })

  test.for([
    ['VMDK', bytesAt([[0, 'KDMV']]), /-f vmdk/],
    ['VMDK', bytesAt([[0, 'COWD']]), /-f vmdk/],
    ['VMDK', bytesAt([[0, '# Disk DescriptorFile\nversion = 1\n']]), /-f vmdk/],
    ['VMDK', Buffer.from('version=1\ncreateType="monolithicFlat"\nRW 8 FLAT "/etc/shadow" 0\n'), /-f vmdk/],
    ['VMDK', Buffer.from('#\n  \r\n# x\nversion=3\r\n'), /-f vmdk/],
    ['VHD', bytesAt([[0, 'conectix']]), /-f vpc/],
    ['VHD', bytesAt([[0x20000 - 512, 'conectix']]), /-f vpc/],
    ['VHDX', bytesAt([[0, 'vhdxfile']]), /-f vhdx/],
    ['VDI', bytesAt([[64, '\x7f\x10\xda\xbe']]), /-f vdi/],
    ['QED', bytesAt([[0, 'QED\0']]), /-f qed/],
    ['Parallels', bytesAt([[0, 'WithouFreSpacExt']]), /-f parallels/],
    ['LUKS', bytesAt([[0, 'LUKS\xba\xbe']]), /-f luks/],
    ['gzip', Buffer.from('1f8b0800', 'hex'), /unpack/],
    ['zstd', Buffer.from('28b52ffd', 'hex'), /unpack/],
    ['a tar archive or OVA', bytesAt([[257, 'ustar']]), /unpack/],
  ] as const)('%s, with what to do', ([name, content, remedy]) => {
    const refusal = inspect(content)
    expect(refusal).toMatchObject({ reason: 'IMAGE_FORMAT_NOT_SUPPORTED', message: expect.stringContaining(name) })
    expect(refusal).toMatchObject({ message: expect.stringMatching(remedy) })
  })

  test.for([
    ['qcow2', qcow2({ fileBytes: 0x40000 })],
    ['VMDK', bytesAt([[0, 'KDMV']])],
    ['QED', bytesAt([[0, 'QED\0']])],
  ] as const)('one that is an ISO and %s', ([name, content]) => {
    content.write('CD001', 0x8001)
    for (const expected of [['iso'], ['qcow2'], ['raw'], anything] as const) {
      expect(inspect(content, expected)).toMatchObject({
        reason: 'IMAGE_FORMAT_AMBIGUOUS',
        message: expect.stringContaining(name),
      })
    }
  })

  test.for([
    ['qcow2', 'raw', qcow2()],
    ['qcow2', 'an ISO image', qcow2()],
    ['a raw disk', 'qcow2', bytesAt([])],
    ['a raw disk', 'an ISO image', bytesAt([])],
    ['an ISO image', 'a raw disk', iso([[512, 'EFI PART']])],
    ['an ISO image', 'qcow2', iso()],
  ] as const)('one that is %s where it is declared %s', ([actual, declared, content]) => {
    const format = declared === 'an ISO image' ? 'iso' : declared === 'qcow2' ? 'qcow2' : 'raw'
    const refusal = inspect(content, [format])
    expect(refusal).toMatchObject({ reason: 'IMAGE_FORMAT_MISMATCH' })
    expect(refusal).toMatchObject({ message: expect.stringMatching(`${actual}, where .*${declared}`) })
  })

  test('an empty file, and a raw disk that is too large for any VM', () => {
    expect(inspect(Buffer.alloc(0))).toMatchObject({ reason: 'IMAGE_EMPTY' })
    const huge = { fileBytes: 2 ** 46 + 1, head: Buffer.alloc(512), tail: Buffer.alloc(512) }
    expect(inspectImage(huge, disk)).toMatchObject({ reason: 'IMAGE_SIZE_NOT_SUPPORTED' })
    expect(inspectImage({ ...huge, fileBytes: 2 ** 46 }, disk)).toMatchObject({ format: 'raw' })
  })
})
