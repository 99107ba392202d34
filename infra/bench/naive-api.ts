import { serve } from '@hono/node-server'
import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { Queue } from 'bullmq'
import { drizzle } from 'drizzle-orm/postgres-js'
import { Redis } from 'ioredis'
import postgres from 'postgres'
import { vmCreateInput, vmSchema } from '#api/vms/schemas.ts'
import { vmView } from '#api/vms/view.ts'
import { newId } from '#db/new-id.ts'
import { jobId, nodeQueueName } from '#db/operations/queue.ts'
import { noSnapshots } from '#db/rules/vm-refusal.ts'
import { operations } from '#db/schema/operation.ts'
import { vms } from '#db/schema/vm.ts'
import { benchNodeId } from './node-row.ts'

/**
 * What one writes first: the same validation and the same answer, two inserts in a transaction, then the job, waited for.
 * It does not even look for a node.
 */
const client = postgres(process.env.DATABASE_URL ?? '', { max: 16 })
const db = drizzle(client, { casing: 'snake_case' })
const redis = new Redis(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null })
const queue = new Queue(nodeQueueName(benchNodeId), { connection: redis })

const create = createRoute({
  method: 'post',
  path: '/api/v1/vms',
  request: { body: { content: { 'application/json': { schema: vmCreateInput } }, required: true } },
  responses: { 202: { description: 'Accepted', content: { 'application/json': { schema: vmSchema } } } },
})

const app = new OpenAPIHono().openapi(create, async (c) => {
  const { secrets: _, ...input } = c.req.valid('json')
  const made = await db.transaction(async (tx) => {
    const [vm] = await tx
      .insert(vms)
      .values({ id: newId(), ...input, nodeId: benchNodeId, state: 'CREATING' })
      .returning()
    if (!vm) throw new Error('no VM was made')
    const [operation] = await tx
      .insert(operations)
      .values({ id: newId(), kind: 'vm.create', vmId: vm.id, nodeId: vm.nodeId, input: { vmId: vm.id } })
      .returning()
    if (!operation) throw new Error('no operation was recorded')
    return { vm, operation }
  })
  const { id, kind } = made.operation
  await queue.add(kind, { operationId: id }, { jobId: jobId(id), removeOnComplete: true, removeOnFail: true })
  return c.json(vmView({ ...made, snapshots: noSnapshots }), 202)
})

serve({ fetch: app.fetch, port: Number(process.env.QUANTIX_PORT), hostname: '127.0.0.1' })
