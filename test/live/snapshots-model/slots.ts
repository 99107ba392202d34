/**
 * What a test writes to a disk: one byte value all over a slot. The slots are of sizes that share, fill and span the
 * clusters of a qcow2 file (64 KiB), some back to back, so that a write often covers a part of a cluster only.
 */
export interface Slot {
  offset: number
  length: number
}

const sector = 512
const lengths = [1, 8, 128, 129, 2048, 7].map((sectors) => sectors * sector)
const gaps = [0, 1, 0, 128, 3, 1500].map((sectors) => sectors * sector)

export const slots: readonly Slot[] = layOut(24)

/** The values of a disk's slots; 0 is what nobody wrote. */
export type Content = readonly number[]

export const emptyContent: Content = slots.map(() => 0)

/** All slots lie in the first part of a disk that is so large. */
export const diskBytes = 32 * 2 ** 20
export const diskSizeGib = diskBytes / 2 ** 30

function layOut(count: number): Slot[] {
  const laid: Slot[] = []
  let offset = 0
  for (let index = 0; index < count; index++) {
    const length = lengths[index % lengths.length] ?? sector
    offset += gaps[index % gaps.length] ?? 0
    laid.push({ offset, length })
    offset += length
  }
  return laid
}

/** The slots of a disk that was read whole. Throws when a slot is torn, or anything else holds something. */
export function contentOf(disk: Buffer): Content {
  let end = 0
  const values = slots.map(({ offset, length }) => {
    requireAll(disk, end, offset, 0)
    end = offset + length
    const value = disk[offset] ?? 0
    requireAll(disk, offset, end, value)
    return value
  })
  requireAll(disk, end, disk.length, 0)
  return values
}

function requireAll(disk: Buffer, from: number, to: number, value: number): void {
  const part = disk.subarray(from, to)
  // Equal to itself moved by one byte, and its first byte right: faster than looking at each.
  if (part.length === 0) return
  if (part[0] === value && part.subarray(1).equals(part.subarray(0, -1))) return
  const wrong = part.findIndex((byte) => byte !== value)
  throw new Error(`the disk's byte ${from + wrong} is ${part[wrong]}, and those around it are ${value}`)
}
