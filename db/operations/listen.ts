import { setTimeout as delay } from 'node:timers/promises'
import { type IQueueBackend, Worker } from 'bullmq'
import { type JobData, nodeQueueName, type QueueConfig } from './queue.ts'
import { openQueueConnection } from './queue-connection.ts'

export interface RingListener {
  close(): Promise<void>
}

export interface RingHandlers {
  /** Takes note of the operation; the work itself goes on after it returned. */
  onRing(operationId: string): Promise<void>
  /** The queue's server is away or came back wrong; the listener goes on by itself. */
  onError(error: unknown): void
}

const retryMs = 1000

/** Hears the rings of one node until closed, through every outage of the queue's server. */
export function listenForRings(config: QueueConfig, nodeId: string, { onRing, onError }: RingHandlers): RingListener {
  const closed = new AbortController()
  const listening = listen()

  async function listen(): Promise<void> {
    while (!closed.signal.aborted) {
      const server = openQueueConnection(config, 'listens')
      try {
        await server.ping()
        const worker = new Worker<JobData, void, string, IQueueBackend>(
          nodeQueueName(nodeId),
          async (job) => onRing(job.data.operationId),
          { connection: server.connection, concurrency: 64, runRetryDelay: retryMs },
          server.backend,
        )
        // After an error that it does not take for an outage, BullMQ fetches again at once, without a pause and for ever.
        const failed = new Promise<void>((resolve) => {
          worker.on('error', (error) => {
            onError(error)
            void worker.close(true)
            resolve()
          })
        })
        try {
          await worker.waitUntilReady()
          await Promise.race([aborted(closed.signal), failed])
        } finally {
          // Left open, it would go on asking a connection that is closed.
          await Promise.race([worker.close(true), delay(retryMs, undefined, { ref: false })])
        }
      } catch (error) {
        // BullMQ never recovers a worker whose first connection failed; it starts anew.
        onError(error)
      } finally {
        await server.close()
      }
      await delay(retryMs, undefined, { signal: closed.signal }).catch(() => {})
    }
  }

  return {
    async close() {
      closed.abort()
      await listening
    },
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
