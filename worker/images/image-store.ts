import type { BlockList } from 'node:net'
import type { Settings } from '#db/settings.ts'
import { createPlaces, type Places } from '#worker/places.ts'
import { addressList } from './address-rules.ts'

/** The node's image directory, and what holds for what is brought there. */
export interface ImageStore {
  /** Absolute. */
  directory: string
  /** Of one file. */
  maxBytes: number
  /** Addresses that URLs may lead to although they are not public. */
  allowed: BlockList
  /** For what keeps the network, a disk or a processor busy: others wait. */
  places: Places
  timing: ImageTiming
}

interface ImageTiming {
  /** Until a server has begun to answer. */
  answerMs: number
  /** Without a byte. */
  idleMs: number
  /** Before a broken download is gone on with; doubles with each that brought nothing. */
  retryMs: number
  /** Of an upload that nobody continues. */
  uploadIdleMs: number
}

const concurrency = 4

const defaultTiming: ImageTiming = {
  answerMs: 30_000,
  idleMs: 60_000,
  retryMs: 500,
  uploadIdleMs: 24 * 3600 * 1000,
}

/** The image directory as a node's settings have it. */
export const imageStore = (
  settings: Pick<Settings, 'imagesDirectory' | 'imageMaxGib' | 'imageUrlAllow'>,
  timing: Partial<ImageTiming> = {},
): ImageStore => ({
  directory: settings.imagesDirectory,
  maxBytes: settings.imageMaxGib * 2 ** 30,
  allowed: addressList(settings.imageUrlAllow),
  places: createPlaces(concurrency),
  timing: { ...defaultTiming, ...timing },
})
