/**
 * A file system as on a CD: ISO 9660 (ECMA-119) with Joliet names, one directory of small files. Nothing in it depends on
 * when it is made.
 */
export interface Iso9660 {
  /** The volume's label: at most 16 of A-Z, 0-9, _. */
  label: string
  /** What the volume is part of: at most 64 of A-Z, 0-9, _; `readVolumeSet` reads it back. */
  volumeSet: string
  files: readonly IsoFile[]
}

export interface IsoFile {
  /** At most 28 of A-Z, a-z, 0-9 and `-`; no two that differ by case alone. */
  name: string
  content: Uint8Array
}

const sectorBytes = 2048

/** Where everything is, by sector. The first 16 are the system's, and empty. */
const layout = {
  primary: 16,
  joliet: 17,
  terminator: 18,
  primaryPathTables: { little: 19, big: 20 },
  jolietPathTables: { little: 21, big: 22 },
  primaryRoot: 23,
  jolietRoot: 24,
  firstFile: 25,
}

/** Of the only directory, in bytes. */
const pathTableBytes = 10

export function iso9660({ label, volumeSet, files }: Iso9660): Uint8Array {
  let next = layout.firstFile
  const placed = files.map(({ name, content }) => {
    const sector = next
    next += Math.ceil(content.length / sectorBytes)
    return { name, content, sector }
  })
  const image = new Uint8Array(next * sectorBytes)
  const at = (sector: number, bytes: Uint8Array) => image.set(bytes, sector * sectorBytes)
  const volume = { label, volumeSet, sectors: next }

  at(layout.primary, volumeDescriptor(volume, primaryNames, layout.primaryRoot, layout.primaryPathTables))
  at(layout.joliet, volumeDescriptor(volume, jolietNames, layout.jolietRoot, layout.jolietPathTables))
  at(layout.terminator, Uint8Array.of(255, ...latin('CD001'), 1))
  at(layout.primaryPathTables.little, pathTable(layout.primaryRoot, true))
  at(layout.primaryPathTables.big, pathTable(layout.primaryRoot, false))
  at(layout.jolietPathTables.little, pathTable(layout.jolietRoot, true))
  at(layout.jolietPathTables.big, pathTable(layout.jolietRoot, false))
  at(layout.primaryRoot, directory(layout.primaryRoot, placed, primaryNames))
  at(layout.jolietRoot, directory(layout.jolietRoot, placed, jolietNames))
  for (const { sector, content } of placed) at(sector, content)
  return image
}

const volumeSetField = { offset: 190, length: 128 }

/** How much of an image `readVolumeSet` needs. */
export const volumeSetEndsAt = layout.primary * sectorBytes + volumeSetField.offset + volumeSetField.length

/** The volume set of an image, by its beginning; null of what is none. */
export function readVolumeSet(beginning: Uint8Array): string | null {
  const descriptor = beginning.subarray(layout.primary * sectorBytes)
  if (new TextDecoder('latin1').decode(descriptor.subarray(1, 6)) !== 'CD001') return null
  const { offset, length } = volumeSetField
  return new TextDecoder('latin1').decode(descriptor.subarray(offset, offset + length)).trimEnd()
}

/** What the two descriptors of the one volume differ in. */
interface Names {
  /** The descriptor's type (ECMA-119, 8.1.1). */
  type: number
  /** Says that names are UCS-2, level 3; nothing in the primary one. */
  escapes: string
  text(value: string, length?: number): Uint8Array
  fileName(name: string): Uint8Array
}

const latin = (text: string, length = text.length): Uint8Array =>
  Uint8Array.from(text.padEnd(length), (character) => character.charCodeAt(0))

/** Big-endian; half a character at the end stays empty. */
const ucs2 = (text: string, length = text.length * 2): Uint8Array => {
  const bytes = new Uint8Array(length)
  const padded = text.padEnd(Math.floor(length / 2))
  for (let index = 0; index < padded.length; index++) bytes[index * 2 + 1] = padded.charCodeAt(index)
  return bytes
}

/** `-` is not for strict names: but so a reader without Joliet, which makes them lower case, finds the files too. */
const primaryNames: Names = {
  type: 1,
  escapes: '',
  text: latin,
  fileName: (name) => latin(`${name.toUpperCase()}.;1`),
}

const jolietNames: Names = { type: 2, escapes: '%/E', text: ucs2, fileName: (name) => ucs2(name) }

interface PathTables {
  little: number
  big: number
}

/** ECMA-119, 8.4 and 8.5; the dates at its end say nothing. */
function volumeDescriptor(
  { label, volumeSet, sectors }: { label: string; volumeSet: string; sectors: number },
  { type, escapes, text }: Names,
  root: number,
  pathTables: PathTables,
): Uint8Array {
  const bytes = new Uint8Array(sectorBytes)
  const put = (offset: number, part: Uint8Array) => bytes.set(part, offset)
  put(0, Uint8Array.of(type, ...latin('CD001'), 1))
  put(8, text('', 32))
  put(40, text(label, 32))
  put(80, both32(sectors))
  put(88, latin(escapes))
  put(120, both16(1))
  put(124, both16(1))
  put(128, both16(sectorBytes))
  put(132, both32(pathTableBytes))
  put(140, both32(pathTables.little).subarray(0, 4))
  put(148, both32(pathTables.big).subarray(4))
  put(156, directoryRecord(root, sectorBytes, Uint8Array.of(0), true))
  put(volumeSetField.offset, text(volumeSet, volumeSetField.length))
  for (const offset of [318, 446, 574]) put(offset, text('', 128))
  put(702, text('', 111))
  for (const offset of [813, 830, 847, 864]) put(offset, latin('0'.repeat(16)))
  put(881, Uint8Array.of(1))
  return bytes
}

/** ECMA-119, 9.4: the root alone. */
function pathTable(root: number, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(pathTableBytes)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, 1)
  view.setUint32(2, root, littleEndian)
  view.setUint16(6, 1, littleEndian)
  return bytes
}

/** Itself, its parent, which is itself, and the files, which stand sorted by their names. */
function directory(root: number, files: readonly (IsoFile & { sector: number })[], { fileName }: Names): Uint8Array {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return Uint8Array.from(
    [
      directoryRecord(root, sectorBytes, Uint8Array.of(0), true),
      directoryRecord(root, sectorBytes, Uint8Array.of(1), true),
      ...sorted.map(({ name, content, sector }) => directoryRecord(sector, content.length, fileName(name), false)),
    ].flatMap((record) => [...record]),
  )
}

/** ECMA-119, 9.1.5: years since 1900, month, day; any that is right. */
const date = [80, 1, 1, 0, 0, 0, 0]

/** ECMA-119, 9.1. */
function directoryRecord(sector: number, bytes: number, name: Uint8Array, isDirectory: boolean): Uint8Array {
  const length = 33 + name.length + (name.length % 2 === 0 ? 1 : 0)
  const record = new Uint8Array(length)
  record.set([length, 0])
  record.set(both32(sector), 2)
  record.set(both32(bytes), 10)
  record.set([...date, isDirectory ? 2 : 0], 18)
  record.set(both16(1), 28)
  record.set([name.length, ...name], 32)
  return record
}

/** ECMA-119, 7.2.3 and 7.3.3: little-endian, then big-endian. */
function both16(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint16(0, value, true)
  view.setUint16(2, value)
  return new Uint8Array(view.buffer)
}

function both32(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8))
  view.setUint32(0, value, true)
  view.setUint32(4, value)
  return new Uint8Array(view.buffer)
}
