import { type IQueueBackend, Queue } from 'bullmq'
import { AppError } from '#db/errors.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import { type JobData, jobId, nodeQueueName, type QueueConfig } from './queue.ts'
import { openQueueConnection } from './queue-connection.ts'

/** Wakes the worker of a node. Nothing depends on a ring's arrival: the operation's row is the work. */
export interface Doorbell {
  /** Rejects with `unavailable` within 2 s when the queue cannot be reached; a sweep rings again. */
  ring(operation: Pick<OperationRow, 'id' | 'kind' | 'nodeId'>): Promise<void>
  /** Rejects with `unavailable` when the queue cannot be reached. */
  check(): Promise<void>
  close(): Promise<void>
}

const deadlineMs = 2000

/** A queue object costs about 20 KB; a controller may ring thousands of nodes. */
const maxQueues = 1000

type NodeQueue = Queue<JobData, void, string, JobData, void, string, IQueueBackend>

/** Opens nothing before the first ring. All queues share one connection. */
export function openDoorbell(config: QueueConfig): Doorbell {
  const server = openQueueConnection(config, 'produces')
  const queues = new Map<string, NodeQueue>()
  let root: Promise<IQueueBackend> | undefined

  /** The backend that every queue is a sibling of. BullMQ never recovers one that failed to start, so that is dropped. */
  function backend(): Promise<IQueueBackend> {
    root ??= start().catch((error) => {
      root = undefined
      throw error
    })
    return root
  }

  async function start(): Promise<IQueueBackend> {
    await server.ping()
    const started = server.backend('doorbell', { connection: server.connection })
    started.on('error', () => {})
    await started.waitUntilReady()
    return started
  }

  function queueOf(nodeId: string, shared: IQueueBackend): NodeQueue {
    const name = nodeQueueName(nodeId)
    const queue: NodeQueue = queues.get(name) ?? new Queue(name, queueOptions, () => shared.forQueue(name))
    // The newest is the last; the first is the one that was not used for longest.
    queues.delete(name)
    queues.set(name, queue)
    for (const oldest of queues.keys()) {
      if (queues.size <= maxQueues) break
      queues.delete(oldest)
    }
    return queue
  }

  const queueOptions = { connection: server.connection, skipMetasUpdate: true }

  return {
    ring: ({ id, kind, nodeId }) =>
      withinDeadline(async () => {
        if (server.isAway()) throw new Error('The connection is broken')
        const queue = queueOf(nodeId, await backend())
        await queue.add(kind, { operationId: id }, { jobId: jobId(id), removeOnComplete: true, removeOnFail: true })
      }),
    check: () => withinDeadline(() => server.ping()),
    async close() {
      queues.clear()
      await server.close()
    },
  }
}

async function withinDeadline(work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${deadlineMs} ms`)), deadlineMs)
  })
  try {
    await Promise.race([work(), deadline])
  } catch (cause) {
    throw new AppError('unavailable', 'The queue cannot be reached', { reason: 'QUEUE_UNAVAILABLE', cause })
  } finally {
    clearTimeout(timer)
  }
}
