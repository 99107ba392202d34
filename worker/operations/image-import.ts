import { findChunk, takeChunk } from '#db/image-chunks.ts'
import { download, type Version } from '#worker/images/download.ts'
import { type IncomingFile, openIncoming, partialPath, removePartial } from '#worker/images/incoming-file.ts'
import { placeImage, requireNameFree, unplaceImage } from '#worker/images/place-image.ts'
import { receiveUpload } from '#worker/images/receive-upload.ts'
import { type VerifiedImage, verifyImport } from '#worker/images/verify-import.ts'
import { withBeat } from '#worker/images/with-beat.ts'
import { cancelled } from './cancelled.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { orUnavailable } from './or-unavailable.ts'

type Context = StepContext<'image.import'>

/**
 * Brings an image into the node's image directory. Until it is whole and was found good it has a name that nothing finds;
 * then it gets its own at once. Can be cancelled until then.
 */
export const imageImport: OperationDefinition<'image.import'> = {
  steps: [
    {
      name: 'receive',
      waits: true,
      run: receive,
      undo: ({ store, input }) => removePartial(store, input.imageId),
    },
    { name: 'verify', waits: true, run: verify },
    {
      name: 'place',
      run: ({ store, input, outputs }) => placeImage(store, input, outputs.verify as VerifiedImage),
      undo: ({ store, input, outputs }) => unplaceImage(store, input, outputs.verify as VerifiedImage),
    },
  ],
  succeeded: ({ input, outputs }) => {
    const { modifiedAt, ...verified } = outputs.verify as VerifiedImage
    return {
      image: { state: 'READY', format: input.format, ...verified, modifiedAt: new Date(modifiedAt), problem: null },
    }
  },
  failed: () => ({ image: 'delete' }),
}

async function receive(context: Context): Promise<void> {
  const { store, input, progress, report } = context
  await requireNameFree(store, input.name)
  const file = await openIncoming(store, input.imageId, progress)
  try {
    await report(file.progress)
    if ('url' in input.source) await fetchUrl(context, file, input.source.url)
    else await takeUpload(context, file, input.source.upload.sizeBytes)
    await report(file.progress)
  } finally {
    await file.close()
  }
}

async function fetchUrl(context: Context, file: IncomingFile, url: string): Promise<void> {
  const { ledger, claim, store, outputs, report } = context
  const beat = async () => {
    await file.sync()
    await report(file.progress)
  }
  await inTurn(context, beat, (signal) =>
    download({
      url,
      file,
      version: (outputs.version as Version | undefined) ?? null,
      async onVersion(version) {
        // In this order: what is in the file is of that version, or the file is empty.
        await report(file.progress)
        await orUnavailable(ledger.recordStep(claim, { name: 'version', output: version }))
        outputs.version = version
      },
      signal,
      store,
    }),
  )
}

async function takeUpload({ db, claim, store, signal }: Context, file: IncomingFile, sizeBytes: number): Promise<void> {
  await file.expect(sizeBytes)
  await receiveUpload({
    file,
    async next() {
      const { cancelRequested, chunk } = await orUnavailable(findChunk(db, claim))
      if (cancelRequested) throw cancelled()
      return chunk
    },
    taken: (chunk, progress) => orUnavailable(takeChunk(db, claim, chunk, progress)),
    idleMs: store.timing.uploadIdleMs,
    signal,
  })
}

function verify(context: Context): Promise<VerifiedImage> {
  const { store, input, progress, report } = context
  const beat = async () => {
    if (progress) await report(progress)
  }
  return inTurn(context, beat, (signal) => verifyImport(partialPath(store, input.imageId), input, signal))
}

/** Few at a time keep the node busy; also who waits for its turn can be cancelled. */
const inTurn = <Result>(
  { store: { places }, signal }: Context,
  beat: () => Promise<void>,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> =>
  withBeat(signal, beat, async (ending) => {
    await places.take(ending)
    try {
      return await work(ending)
    } finally {
      places.give()
    }
  })
