import { performance } from 'node:perf_hooks'
import { type ServiceError, status } from '@grpc/grpc-js'
import type { CallMetrics } from './call-metrics.ts'
import { type Client, NodeDaemonClient } from './channel.ts'
import { callFailure } from './daemon-error.ts'
import type { MethodName, RequestOf, ResponseOf, StreamName, UnaryName } from './methods.ts'

/** One call as it goes over the wire. */
interface Sent<Name extends MethodName> {
  name: Name
  request: RequestOf<Name>
  /** Of `Date.now()`. */
  deadline: number
  signal?: AbortSignal | undefined
}

export interface Sender {
  unary<Name extends UnaryName>(call: Sent<Name>): Promise<ResponseOf<Name>>
  stream<Name extends StreamName>(call: Sent<Name>): AsyncGenerator<ResponseOf<Name>>
  /** Ends the calls that go on. */
  cancelAll(): void
}

interface SenderOptions {
  client: Client
  address: string
  metrics: CallMetrics
  /** A call's time was up, and nothing had come. */
  onSilence(): void
}

/** Sends calls, counts them, and makes AppErrors of what comes back instead of an answer. */
export function createSender({ client, address, metrics, onSilence }: SenderOptions): Sender {
  const underWay = new Set<{ cancel(): void }>()

  /** Takes note of a call's end, and returns what its caller is told; undefined where there was no error. */
  function ended({ name, signal }: Sent<MethodName>, begun: number, error?: unknown): unknown {
    const failed = error as ServiceError | undefined
    metrics.record(name, status[failed?.code ?? status.OK], (performance.now() - begun) / 1000)
    if (failed && signal?.aborted) return signal.reason
    const failure = failed && callFailure(failed, name, address)
    if (failure?.isSilence) onSilence()
    return failure?.error
  }

  return {
    unary(sent) {
      const { path, requestSerialize, responseDeserialize } = formOf(sent.name)
      const begun = performance.now()
      return new Promise((resolve, reject) => {
        const call = client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          sent.request,
          { deadline: sent.deadline },
          (error, response) => {
            underWay.delete(call)
            sent.signal?.removeEventListener('abort', abort)
            const told = ended(sent, begun, error ?? undefined)
            if (error) reject(told)
            else resolve(response as ResponseOf<typeof sent.name>)
          },
        )
        const abort = () => call.cancel()
        underWay.add(call)
        sent.signal?.addEventListener('abort', abort)
        if (sent.signal?.aborted) abort()
      })
    },
    async *stream(sent) {
      const { path, requestSerialize, responseDeserialize } = formOf(sent.name)
      const begun = performance.now()
      const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, sent.request, {
        deadline: sent.deadline,
      })
      const abort = () => call.cancel()
      underWay.add(call)
      sent.signal?.addEventListener('abort', abort)
      if (sent.signal?.aborted) abort()
      let failed: unknown
      let told: unknown
      try {
        yield* call
      } catch (error) {
        failed = error
      } finally {
        told = ended(sent, begun, failed)
        underWay.delete(call)
        sent.signal?.removeEventListener('abort', abort)
        // Its reader may have gone before its end.
        call.on('error', () => {})
        call.cancel()
      }
      if (failed !== undefined) throw told
    },
    cancelAll() {
      for (const call of underWay) call.cancel()
    },
  }
}

/** How a method goes over the wire. */
const formOf = <Name extends MethodName>(name: Name) =>
  NodeDaemonClient.service[name] as unknown as {
    path: string
    requestSerialize(request: RequestOf<Name>): Buffer
    responseDeserialize(bytes: Buffer): ResponseOf<Name>
  }
