import { expect } from 'vitest'
import { until } from '#infra/until.ts'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { succeeded } from '#test/e2e/system.ts'
import type { Fault } from './fault.ts'
import type { ModelSystem } from './system.ts'

type OperationRef = NonNullable<sdk.Vm['operation']>

/** Longest time that an operation may take, its worker's restart included. */
const endsWithinMs = 120_000
const waitSeconds = 30

/** Makes a request that begins an operation, and resolves when that has ended, with the fault that it met on its way. */
export async function carriedOut<Data>(
  system: ModelSystem,
  request: () => Promise<{ data?: Data; error?: unknown }>,
  { fault = null, meanwhile }: { fault?: Fault | null; meanwhile?: (ended: Promise<unknown>) => Promise<void> } = {},
) {
  if (fault) system.failNext(fault)
  const data: NonNullable<Data> & { operation?: OperationRef } = succeeded(await request())
  if (!data.operation) throw new Error('nothing began')
  const ended = endOf(system, data.operation)
  await meanwhile?.(ended)
  const operation = await ended
  if (fault) await system.faultOver()
  return { data, operation }
}

async function endOf({ client }: ModelSystem, { id }: OperationRef): Promise<sdk.Operation> {
  const deadline = Date.now() + endsWithinMs
  for (;;) {
    const operation = succeeded(await sdk.getOperation({ client, path: { id }, query: { wait: waitSeconds } }))
    if (operation.done) return operation
    if (Date.now() > deadline) throw new Error(`${operation.kind} is still ${operation.status}`)
  }
}

/** Waits until the VM's row has followed what nobody asked for. */
export async function followed({ client }: ModelSystem, id: string, state: sdk.Vm['status']['state']): Promise<void> {
  const stateNow = async () => succeeded(await sdk.getVm({ client, path: { id } })).status.state
  if (!(await until(async () => (await stateNow()) === state, 15_000))) expect(await stateNow()).toBe(state)
}
