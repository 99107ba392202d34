import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, rm, statfs } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import type { OperationProgress } from '#db/schema/operation.ts'
import type { ImageStore } from './image-store.ts'

/** The file of an image that is on its way here. What it says to be done is on the disk, and outlives a power cut. */
export interface IncomingFile {
  readonly progress: OperationProgress
  /** With what is not on the disk yet. */
  readonly receivedBytes: number
  /** Appends. Throws `resource_exhausted` where that is too much for the disk, `failed_precondition` for the node's limit. */
  write(piece: Uint8Array): Promise<void>
  /** Brings to the disk what was written. */
  sync(): Promise<void>
  /** From now on the whole is to have so many bytes; null where that is not known. Throws as `write` does. */
  expect(totalBytes: number | null): Promise<void>
  /** Begins again with an empty file. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** Hidden, so that no spec can name it and the catalogue leaves it out. */
export const partialPath = ({ directory }: Pick<ImageStore, 'directory'>, imageId: string): string =>
  path.join(directory, `.${imageId}.partial`)

export const removePartial = (store: ImageStore, imageId: string): Promise<void> =>
  rm(partialPath(store, imageId), { force: true })

/** Opens it where an earlier attempt left off: behind `done` anything may stand. */
export async function openIncoming(
  store: ImageStore,
  imageId: string,
  done: OperationProgress | null,
): Promise<IncomingFile> {
  await mkdir(store.directory, { recursive: true })
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
  const handle = await open(partialPath(store, imageId), flags, 0o600)
  const { size } = await handle.stat()
  let receivedBytes = Math.min(size, done?.doneBytes ?? 0)
  let progress: OperationProgress = {
    doneBytes: receivedBytes,
    totalBytes: done?.totalBytes ?? null,
    changedAt: done?.changedAt ?? new Date().toISOString(),
  }
  await handle.truncate(receivedBytes)

  const change = (changed: Partial<OperationProgress>) => {
    progress = { ...progress, ...changed, changedAt: new Date().toISOString() }
  }

  async function checkRoom(): Promise<void> {
    const wanted = progress.totalBytes ?? receivedBytes
    if (Math.max(wanted, receivedBytes) > store.maxBytes) throw tooLarge(store)
    await requireRoom(store.directory, wanted - receivedBytes)
  }

  return {
    get progress() {
      return progress
    },
    get receivedBytes() {
      return receivedBytes
    },
    async write(piece) {
      if (receivedBytes + piece.length > store.maxBytes) throw tooLarge(store)
      await writeAll(handle, piece, receivedBytes)
      receivedBytes += piece.length
    },
    async sync() {
      const upTo = receivedBytes
      if (upTo === progress.doneBytes) return
      await handle.datasync()
      change({ doneBytes: upTo })
      await checkRoom()
    },
    async expect(totalBytes) {
      if (totalBytes !== progress.totalBytes) change({ totalBytes })
      await checkRoom()
    },
    async restart() {
      await handle.truncate(0)
      receivedBytes = 0
      change({ doneBytes: 0 })
    },
    close: () => handle.close(),
  }
}

async function writeAll(handle: FileHandle, piece: Uint8Array, position: number): Promise<void> {
  try {
    for (let written = 0; written < piece.length; ) {
      written += (await handle.write(piece, written, piece.length - written, position + written)).bytesWritten
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw code === 'ENOSPC' || code === 'EDQUOT' ? noRoom(piece.length, 0) : error
  }
}

/** A full disk stops the VMs that write to it: so much of it is left to them, at most. */
const reservedBytes = 2 ** 30
const reservedShare = 0.05

async function requireRoom(directory: string, neededBytes: number): Promise<void> {
  const { bavail, blocks, bsize } = await statfs(directory)
  const reserved = Math.min(reservedBytes, blocks * bsize * reservedShare)
  const availableBytes = Math.max(0, Math.floor(bavail * bsize - reserved))
  if (neededBytes > availableBytes) throw noRoom(neededBytes, availableBytes)
}

const noRoom = (neededBytes: number, availableBytes: number): AppError =>
  new AppError(
    'resource_exhausted',
    `The node has no room for the image: ${neededBytes} bytes more are needed, and ${availableBytes} are free for images. Make room, then import it again.`,
    { reason: 'IMAGE_NO_ROOM', details: { neededBytes, availableBytes } },
  )

const tooLarge = ({ maxBytes }: ImageStore): AppError =>
  new AppError(
    'failed_precondition',
    `The image is larger than the ${maxBytes} bytes that its node takes. Whoever runs the node can allow more (QUANTIX_IMAGE_MAX_GIB).`,
    { reason: 'IMAGE_TOO_LARGE', details: { maxBytes } },
  )
