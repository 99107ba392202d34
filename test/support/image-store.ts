import { tmpdir } from 'node:os'
import path from 'node:path'
import { type ImageStore, imageStore } from '#worker/images/image-store.ts'

/** Of a node that has no images, unless they are somewhere; from this machine it may fetch. */
export const anImageStore = (
  directory = path.join(tmpdir(), 'no-images'),
  { timing, ...given }: Partial<Omit<ImageStore, 'timing'>> & { timing?: Partial<ImageStore['timing']> } = {},
): ImageStore => ({
  ...imageStore(
    { imagesDirectory: directory, imageMaxGib: 1, imageUrlAllow: ['127.0.0.1'] },
    { retryMs: 5, ...timing },
  ),
  ...given,
})
