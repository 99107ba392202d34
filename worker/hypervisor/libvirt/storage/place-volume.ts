import { link, open, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { poolFull } from '#worker/hypervisor/storage-rules.ts'
import { qemuImg } from '../qemu-img.ts'
import { volumeFile } from './file-volumes.ts'
import type { Content } from './volume-content.ts'

/** Makes files beside their place, and puts them there whole. */
export interface VolumeMaker {
  /**
   * Makes a volume's file, with the content of another or empty, and puts it in its place. Resolves to false where something
   * is there. Once the signal comes, nothing of it stays; what a killed worker left goes with the next volume.
   */
  make(volume: NewFile, signal: AbortSignal): Promise<boolean>
}

export interface NewFile {
  poolId: string
  directory: string
  volumeId: string
  sizeBytes: number
  content: Content | null
  /** Once the file is complete, right before it takes its place. */
  onComplete(): Promise<void>
}

/** Names that no volume can have, of this node: another one may make volumes in the same NFS export. */
export function volumeMaker(nodeId: string): VolumeMaker {
  const prefix = `.new-${nodeId}.`
  const making = new Set<string>()

  async function removeLeftOvers(directory: string): Promise<void> {
    for (const name of await readdir(directory)) {
      const file = path.join(directory, name)
      if (name.startsWith(prefix) && !making.has(file)) await rm(file, { force: true })
    }
  }

  return {
    async make({ poolId, directory, volumeId, sizeBytes, content, onComplete }, signal) {
      const file = path.join(directory, `${prefix}${volumeId}`)
      making.add(file)
      try {
        await removeLeftOvers(directory)
        await rm(file, { force: true })
        await createPrivate(file)
        await fill(file, sizeBytes, content, signal)
        await flush(file)
        signal.throwIfAborted()
        await onComplete()
        return await placeOnce(file, volumeFile(directory, volumeId))
      } catch (error) {
        throw isFull(error) ? poolFull(poolId, error) : error
      } finally {
        await rm(file, { force: true })
        making.delete(file)
      }
    },
  }
}

/** qemu-img would let everybody read it; it keeps what is there. */
const createPrivate = async (file: string): Promise<void> => (await open(file, 'wx', 0o600)).close()

async function fill(file: string, sizeBytes: number, content: Content | null, signal: AbortSignal): Promise<void> {
  if (!content) return qemuImg('create', 'qcow2', [file, String(sizeBytes)], 0, signal)
  const { path: source, format, capacityBytes } = content
  await qemuImg('convert', format, ['-O', 'qcow2', source, file], capacityBytes, signal)
  if (sizeBytes > capacityBytes) await qemuImg('resize', 'qcow2', [file, String(sizeBytes)], 0, signal)
}

/** qemu-img leaves what it converted to the kernel's caches. */
async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A rename would put it over what another worker on the same export has just made. */
async function placeOnce(file: string, place: string): Promise<boolean> {
  try {
    await link(file, place)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof AppError
    ? error.reason === 'NODE_DISK_FULL'
    : ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
