import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { TransactionSql } from 'postgres'
import { createApp } from '#api/app.ts'
import type { Deps } from '#api/deps.ts'
import type { Database } from '#db/client.ts'
import type { ErrorRecord } from '#db/errors.ts'
import { newId } from '#db/new-id.ts'
import { events } from '#db/schema/event.ts'
import { type NodeRow, nodes } from '#db/schema/node.ts'
import { type OperationRow, operations } from '#db/schema/operation.ts'
import { type SnapshotRow, snapshots } from '#db/schema/snapshot.ts'
import { type VmRow, vms } from '#db/schema/vm.ts'
import { vmSecrets } from '#db/schema/vm-secret.ts'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { aSpec } from '#test/support/vm-spec.ts'

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test reads bodies of every shape, and asserts what it reads.
  body: any
}

export type TestApi = Awaited<ReturnType<typeof startTestApi>>

/** A doorbell that remembers who was rung, and can be broken. */
export function recordingDoorbell() {
  const rings: Pick<OperationRow, 'id' | 'kind' | 'nodeId'>[] = []
  const broken: { by: Error | null } = { by: null }
  return {
    rings,
    broken,
    async ring(operation: Pick<OperationRow, 'id' | 'kind' | 'nodeId'>) {
      if (broken.by) throw broken.by
      rings.push(operation)
    },
    async check() {
      if (broken.by) throw broken.by
    },
  }
}

/** What was logged, by level. */
export function recordingLog() {
  const lines: { level: 'info' | 'warn' | 'error'; facts: Record<string, unknown>; message: string }[] = []
  const at = (level: 'info' | 'warn' | 'error') => (facts: object, message: string) => {
    lines.push({ level, facts: facts as Record<string, unknown>, message })
  }
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}

/** Of one VM; few, so that a test soon has them all. */
export const maxSnapshots = 8

/** The API over a real database of its own, with one node that can run everything. */
export async function startTestApi(
  options: { database?: Database; maxSnapshots?: number; secretBox?: SecretBox; daemons?: Deps['daemons'] } = {},
) {
  const database = options.database ?? (await createTestDatabase())
  const doorbell = recordingDoorbell()
  const log = recordingLog()
  const deferred: Promise<void>[] = []
  const deps: Deps = {
    database,
    doorbell,
    queueBackend: 'redis',
    daemons: options.daemons,
    secretBox: options.secretBox ?? testSecretBox,
    maxSnapshots: options.maxSnapshots ?? maxSnapshots,
    newId,
    log,
    defer: (work) => void deferred.push(work),
  }
  const app = createApp(deps)

  async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await app.request(path, {
      method,
      headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      body: text === '' ? null : JSON.parse(text),
    }
    await Promise.all(deferred)
    return answer
  }

  return { app, database, doorbell, log, send, node: await aNode(database) }
}

/** A spec as stored, defaults filled in. */
export const storedSpec = aSpec()

/** The least that a create needs. */
export const wantedVm = (name = `vm-${randomUUID()}`) => ({
  name,
  spec: { cpu: { cores: 1 }, memory: { sizeMib: 64 } },
})

export async function aNode({ drizzle }: Database, given: Partial<typeof nodes.$inferInsert> = {}): Promise<NodeRow> {
  const [row] = await drizzle
    .insert(nodes)
    .values({
      id: randomUUID(),
      name: 'node-1',
      hypervisor: 'simulated',
      cpuCount: 4,
      memoryMib: 8192,
      cpuModes: [
        { mode: 'host-model', supported: true, virtType: 'kvm', message: null, features: [] },
        { mode: 'host-passthrough', supported: true, virtType: 'kvm', message: null, features: [] },
      ],
      ...given,
    })
    .returning()
  return one(row)
}

export async function aVm(
  { database, node }: Pick<TestApi, 'database' | 'node'>,
  given: Partial<typeof vms.$inferInsert> = {},
): Promise<VmRow> {
  const id = newId()
  const [row] = await database.drizzle
    .insert(vms)
    .values({ id, name: `vm-${id}`, nodeId: node.id, spec: storedSpec, state: 'STOPPED', ...given })
    .returning()
  return one(row)
}

export async function anOperation(
  { database }: Pick<TestApi, 'database'>,
  vm: VmRow,
  given: Partial<typeof operations.$inferInsert> = {},
): Promise<OperationRow> {
  const [row] = await database.drizzle
    .insert(operations)
    .values({ id: newId(), kind: 'vm.start', vmId: vm.id, nodeId: vm.nodeId, input: { vmId: vm.id }, ...given })
    .returning()
  return one(row)
}

export async function aSnapshot(
  { database }: Pick<TestApi, 'database'>,
  vm: VmRow,
  given: Partial<typeof snapshots.$inferInsert> = {},
): Promise<SnapshotRow> {
  const id = newId()
  const [row] = await database.drizzle
    .insert(snapshots)
    .values({ id, vmId: vm.id, name: `s-${id}`, includeMemory: false, quiesce: false, state: 'READY', ...given })
    .returning()
  return one(row)
}

/** Everything that a request could have changed: equal before and after one that was refused. */
export async function everything({ drizzle }: Database) {
  return {
    vms: await drizzle.select().from(vms).orderBy(vms.id),
    operations: await drizzle.select().from(operations).orderBy(operations.id),
    snapshots: await drizzle.select().from(snapshots).orderBy(snapshots.id),
    events: await drizzle.select().from(events).orderBy(events.id),
    secrets: await drizzle.select().from(vmSecrets).orderBy(vmSecrets.vmId),
  }
}

/**
 * Answers of requests that all saw the database as it was before any of them changed it, and then went on one by one,
 * after the VM was changed where that is given.
 */
export async function raced(
  { database }: Pick<TestApi, 'database'>,
  vmId: string,
  requests: (() => Promise<Answer>)[],
  changeMeanwhile?: (holder: TransactionSql) => Promise<unknown>,
): Promise<Answer[]> {
  const answers = await database.sql.begin(async (holder) => {
    await holder`select from vms where id = ${vmId} for update`
    const sent = requests.map((request) => request())
    const deadline = Date.now() + 5000
    for (let waiting = 0; waiting < requests.length; ) {
      if (Date.now() > deadline) throw new Error(`${waiting} of ${requests.length} requests wait for the VM`)
      // Outside of the transaction, which would see the same activity each time.
      const [count] = await database.sql<{ waiting: number }[]>`
        select count(*)::int as waiting from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      waiting = count?.waiting ?? 0
    }
    await changeMeanwhile?.(holder)
    // Not awaited here: they end after the lock does.
    return { sent }
  })
  return Promise.all(answers.sent)
}

/** Ends an operation as a worker would. */
export async function endOperation(
  { drizzle }: Database,
  id: string,
  error: ErrorRecord | null,
  vm?: Partial<VmRow>,
): Promise<void> {
  await drizzle.transaction(async (transaction) => {
    const [ended] = await transaction
      .update(operations)
      .set({ status: error ? 'failed' : 'succeeded', error, finishedAt: new Date() })
      .where(eq(operations.id, id))
      .returning()
    const { vmId } = one(ended)
    if (vm && vmId) await transaction.update(vms).set(vm).where(eq(vms.id, vmId))
  })
}

export function one<Item>(item: Item | undefined): Item {
  if (item === undefined) throw new Error('there is none')
  return item
}
