import { type IQueueBackend, Queue } from 'bullmq'
import { withinDeadline } from '#db/deadline.ts'
import { AppError } from '#db/errors.ts'
import { gather } from '#db/gather.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import { type JobData, jobId, nodeQueueName, type QueueConfig } from './queue.ts'
import { openQueueConnection } from './queue-connection.ts'

type Ring = Pick<OperationRow, 'id' | 'kind' | 'nodeId'>

/** Wakes the worker of a node. Nothing depends on a ring's arrival: the operation's row is the work. */
export interface Doorbell {
  /** Rejects with `unavailable` within 2 s when the queue cannot be reached; a sweep rings again. */
  ring(operation: Ring): Promise<void>
  /** Rejects with `unavailable` when the queue cannot be reached. */
  check(): Promise<void>
  close(): Promise<void>
}

const deadlineMs = 2000

/** A queue object costs about 20 KB; a controller may ring thousands of nodes. */
const maxQueues = 1000

const maxRingsPerAdd = 256

/** Adds the ring's job to a node's queue. */
type Add = (ring: Ring) => Promise<unknown>

/** Opens nothing before the first ring. All queues share one connection. */
export function openDoorbell(config: QueueConfig): Doorbell {
  const server = openQueueConnection(config, 'produces')
  const queues = new Map<string, Add>()
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

  /** Adds to a node's queue, together what comes while an add is under way. */
  function addTo(nodeId: string, shared: IQueueBackend): Add {
    const name = nodeQueueName(nodeId)
    const add = queues.get(name) ?? gather(bulkAdd(name, shared), maxRingsPerAdd)
    // The newest is the last; the first is the one that was not used for longest.
    queues.delete(name)
    queues.set(name, add)
    for (const oldest of queues.keys()) {
      if (queues.size <= maxQueues) break
      queues.delete(oldest)
    }
    return add
  }

  function bulkAdd(name: string, shared: IQueueBackend) {
    const options = { connection: server.connection, skipMetasUpdate: true }
    const queue = new Queue<JobData, void, string, JobData, void, string, IQueueBackend>(name, options, () =>
      shared.forQueue(name),
    )
    const add = async (rings: Ring[]) => {
      const jobs = rings.map(jobOf)
      const [first] = jobs
      // A bulk of one costs more than an add, and one is what there mostly is.
      if (jobs.length === 1 && first) return [await queue.add(first.name, first.data, first.opts)]
      return queue.addBulk(jobs)
    }
    // With a deadline of its own, so that an add that hangs does not hold up the next one for longer.
    return (rings: Ring[]) => withinDeadline(add(rings), deadlineMs)
  }

  return {
    ring: (operation) =>
      reachQueue(async () => {
        if (server.isAway()) throw new Error('The connection is broken')
        const add = addTo(operation.nodeId, await backend())
        await add(operation)
      }),
    check: () => reachQueue(() => server.ping()),
    async close() {
      queues.clear()
      await server.close()
    },
  }
}

const jobOf = ({ id, kind }: Ring) => ({
  name: kind,
  data: { operationId: id },
  opts: { jobId: jobId(id), removeOnComplete: true, removeOnFail: true },
})

async function reachQueue(work: () => Promise<void>): Promise<void> {
  try {
    await withinDeadline(work(), deadlineMs)
  } catch (cause) {
    throw new AppError('unavailable', 'The queue cannot be reached', { reason: 'QUEUE_UNAVAILABLE', cause })
  }
}
