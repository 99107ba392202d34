import { open } from 'node:fs/promises'

/** Where an ISO 9660 image has its first volume descriptor's name. */
export const isoMark = { offset: 0x8001, bytes: 'CD001' } as const

/** Makes an empty disk image, raw or an ISO as its name says, that takes no room. */
export async function writeImage(file: string, sizeBytes: number): Promise<void> {
  const handle = await open(file, 'w')
  try {
    await handle.truncate(sizeBytes)
    if (file.endsWith('.iso')) await handle.write(Buffer.from(isoMark.bytes), 0, isoMark.bytes.length, isoMark.offset)
  } finally {
    await handle.close()
  }
}
