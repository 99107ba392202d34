import type { Database } from '#db/client.ts'
import type { Client } from '#openapi/sdk/typescript/client/index.ts'
import { openSystem } from '#test/e2e/open-system.ts'
import { onPostgres } from '#test/e2e/system.ts'
import { copyDatabase } from '#test/support/database.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import type { DiskAccess } from './disk-access.ts'
import { createFaults, type Fault } from './fault.ts'

/** The whole control plane with one node, and a way behind its back. */
export interface ModelSystem {
  readonly client: Client
  readonly database: Database
  readonly nodeId: string
  readonly disks: DiskAccess
  /** A worker that ends, and starts again. */
  restartWorker(): Promise<void>
  /** Does this to the operation that comes next. */
  failNext(fault: Fault): void
  /** Resolves when what the last fault began is over. Throws if it never came. */
  faultOver(): Promise<void>
  close(): Promise<void>
}

export interface ModelNode {
  readonly nodeId: string
  readonly hypervisor: Hypervisor
  readonly disks: DiskAccess
  /** Another adapter on the same node, after the one before was closed. */
  reopen(): Promise<Hypervisor>
  close(): Promise<void>
}

/** The node has it: the disks of the model's VMs are a copy of it, and one that is empty. */
export const baseImage = 'base.raw'

/** The API, a database and a worker for a node of the model's own, all closed together. */
export async function startModelSystem(templateDatabaseUrl: string, node: ModelNode): Promise<ModelSystem> {
  const { nodeId, hypervisor, disks } = node
  const database = await copyDatabase(templateDatabaseUrl)
  const restartWorker = () => system.restartWorker(node.reopen)
  const { at, ...faults } = createFaults(restartWorker)
  const system = await openSystem({ database, queue: await onPostgres(database.url), hypervisor, nodeId, at })
  return {
    ...faults,
    client: system.client,
    database,
    nodeId,
    disks,
    restartWorker,
    async close() {
      await system.close()
      await node.close()
      await database.drop()
    },
  }
}
