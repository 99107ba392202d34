import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import postgres from 'postgres'
import { newId } from '#db/new-id.ts'
import { jobId, nodeQueueName } from '#db/operations/queue.ts'
import { answerRequests } from './helper-process.ts'
import { closedLoop } from './measure.ts'
import { benchNodeId, exampleSpec } from './node-row.ts'

export interface FloorRequest {
  concurrency: number
  durationMs: number
}

/** The least that a create can cost: its rows in one bare SQL statement, then one bare BullMQ `add`. No HTTP, no checks. */
const sql = postgres(process.env.DATABASE_URL ?? '', { max: 16 })
const redis = new Redis(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null })
const queue = new Queue(nodeQueueName(benchNodeId), { connection: redis })

answerRequests<FloorRequest>(
  ({ concurrency, durationMs }) => closedLoop(concurrency, durationMs, create),
  async () => {
    await queue.close()
    redis.disconnect()
    await sql.end()
  },
)

async function create(): Promise<void> {
  const vmId = newId()
  const operationId = newId()
  await sql`
    with vm as (
      insert into vms (id, name, description, node_id, spec, state)
      values (${vmId}, ${`bench-${vmId}`}, '', ${benchNodeId}, ${JSON.stringify(exampleSpec)}::text::jsonb, 'CREATING')
      returning id, node_id)
    insert into operations (id, kind, vm_id, node_id, input)
    select ${operationId}, 'vm.create', id, node_id, ${sql.json({ vmId })} from vm`
  const job = { jobId: jobId(operationId), removeOnComplete: true, removeOnFail: true }
  await queue.add('vm.create', { operationId }, job)
}
