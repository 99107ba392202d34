import { type handleServerStreamingCall, Metadata, type ServerWritableStream } from '@grpc/grpc-js'
import type { Logger } from 'pino'
import { AppError } from '#db/errors.ts'
import { grpcError, isForeseen } from '#proto/grpc-error.ts'

/** Answers with one message after the other until it ends. It is asked for the next one when its reader has taken the last. */
export type ServerStreamCall<Request, Response> = (request: Request, signal: AbortSignal) => AsyncIterable<Response>

/**
 * A stream as grpc-js takes it. Its signal comes when its reader goes away, its deadline passes, or the daemon is
 * `stopping`, which it is told by UNAVAILABLE.
 */
export const serverStream =
  <Request, Response>(
    work: ServerStreamCall<Request, Response>,
    { stopping, log }: { stopping: AbortSignal; log: Logger },
  ): handleServerStreamingCall<Request, Response> =>
  (call) => {
    const gone = new AbortController()
    call.on('cancelled', () => gone.abort())
    const signal = AbortSignal.any([gone.signal, stopping])
    const sent = send(call, work, signal)
    // Whoever gets the headers knows that it has begun.
    call.sendMetadata(new Metadata())
    sent.then(
      () => call.end(),
      (error: unknown) => {
        if (gone.signal.aborted) return
        const told = stopping.aborted ? daemonStops() : error
        if (!isForeseen(told)) log.error({ err: told, method: call.getPath() }, 'a stream failed')
        call.emit('error', grpcError(told))
      },
    )
  }

async function send<Request, Response>(
  call: ServerWritableStream<Request, Response>,
  work: ServerStreamCall<Request, Response>,
  signal: AbortSignal,
): Promise<void> {
  for await (const message of work(call.request, signal)) {
    signal.throwIfAborted()
    await written(call, message, signal)
  }
  signal.throwIfAborted()
}

/** Resolves when the message is on its way: HTTP/2 takes no more than the reader has room for. Throws at the signal. */
async function written<Response>(
  call: ServerWritableStream<unknown, Response>,
  message: Response,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const giveUp = () => reject(signal.reason)
  signal.addEventListener('abort', giveUp, { once: true })
  call.write(message, (error?: Error | null) => (error ? reject(error) : resolve()))
  await promise.finally(() => signal.removeEventListener('abort', giveUp))
}

const daemonStops = (): AppError =>
  new AppError('unavailable', 'The node daemon stops. Ask again when it has started.', { reason: 'STOPPING' })
