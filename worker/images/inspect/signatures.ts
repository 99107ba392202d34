import type { ImageSample } from './sample.ts'

/** A format that a file's content says it has. */
export interface FoundFormat {
  name: string
  /** What an image of it is here; null where it is refused. */
  format: 'qcow2' | 'iso' | null
  /** For a refused one: what to do with it. */
  remedy: string
}

interface Signature extends FoundFormat {
  /** From the start of the file. */
  offset: number
  /** Latin-1. */
  bytes: string
}

const isRead = (name: string, format: 'qcow2' | 'iso', offset: number, bytes: string): Signature => ({
  ...{ name, format, remedy: '', offset, bytes },
})
/** One that QEMU calls `qemuName`. It may lead to other files, so that converting it is for somebody who knows it. */
const isConverted = (name: string, qemuName: string, bytes: string, offset = 0): Signature => ({
  ...{ name, format: null, offset, bytes },
  remedy: `convert it where you trust it: qemu-img convert -f ${qemuName} -O qcow2`,
})
const isUnpacked = (name: string, bytes: string, offset = 0): Signature => ({
  ...{ name, format: null, remedy: 'unpack it first', offset, bytes },
})

const volumeDescriptorOffset = 0x8001

/** What QEMU 7.2 probes for (`qemu-img info` without -f), and how images are packed. */
const signatures: readonly Signature[] = [
  isRead('qcow2', 'qcow2', 0, 'QFI\xfb'),
  isRead('ISO 9660', 'iso', volumeDescriptorOffset, 'CD001'),
  isRead('UDF', 'iso', volumeDescriptorOffset, 'BEA01'),
  isConverted('VMDK', 'vmdk', 'KDMV'),
  isConverted('VMDK', 'vmdk', 'COWD'),
  isConverted('VMDK', 'vmdk', '# Disk DescriptorFile'),
  isConverted('VHD', 'vpc', 'conectix'),
  isConverted('VHDX', 'vhdx', 'vhdxfile'),
  isConverted('VDI', 'vdi', '\x7f\x10\xda\xbe', 64),
  isConverted('QED', 'qed', 'QED\0'),
  isConverted('Parallels', 'parallels', 'WithoutFreeSpace'),
  isConverted('Parallels', 'parallels', 'WithouFreSpacExt'),
  isConverted('Bochs', 'bochs', 'Bochs Virtual HD Image'),
  isConverted('cloop', 'cloop', '#!/bin/sh\n#V2.0 Format\n'),
  isConverted('LUKS', 'luks', 'LUKS\xba\xbe'),
  isUnpacked('gzip', '\x1f\x8b\x08'),
  isUnpacked('bzip2', 'BZh'),
  isUnpacked('xz', '\xfd7zXZ\0'),
  isUnpacked('zstd', '\x28\xb5\x2f\xfd'),
  isUnpacked('zip', 'PK\x03\x04'),
  isUnpacked('7z', '7z\xbc\xaf\x27\x1c'),
  isUnpacked('a tar archive or OVA', 'ustar', 257),
]

/** QEMU takes for VMDK also text whose first line, comments and blanks apart, is its version (block/vmdk.c, vmdk_probe). */
const vmdkDescriptor = { ...isConverted('VMDK', 'vmdk', ''), text: /^(?:#[^\n]*\n| *\r?\n)*version=[123]\r?\n/ }
const vmdkTextBytes = 4096

/** A VHD of fixed size is a raw disk with this behind it. */
const fixedVhd = isConverted('VHD', 'vpc', 'conectix')

/** Every format that a file has the signature of; none for what can only be a raw disk. */
export function findFormats({ head, tail }: ImageSample): FoundFormat[] {
  const found = signatures.filter(
    ({ offset, bytes }) => head.toString('latin1', offset, offset + bytes.length) === bytes,
  )
  if (vmdkDescriptor.text.test(head.toString('latin1', 0, vmdkTextBytes))) found.push(vmdkDescriptor)
  if (found.length === 0 && tail.toString('latin1', 0, fixedVhd.bytes.length) === fixedVhd.bytes) found.push(fixedVhd)
  return found.filter(({ name }, index) => found.findIndex((other) => other.name === name) === index)
}
