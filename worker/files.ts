import { open } from 'node:fs/promises'

/** What looking at a file found; null where the file does not exist, or no longer. */
export async function unlessGone<Found>(looking: Promise<Found>): Promise<Found | null> {
  try {
    return await looking
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** What was named or removed in a directory stays so after a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await unlessGone(open(directory))
  await handle?.sync().finally(() => handle.close())
}
