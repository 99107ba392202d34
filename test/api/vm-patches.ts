import { eq } from 'drizzle-orm'
import { expect } from 'vitest'
import { operations } from '#db/schema/operation.ts'
import { type VmRow, vms } from '#db/schema/vm.ts'
import { everything, one, type TestApi } from './test-api.ts'

/** Changes VMs by PATCH, and looks at what came of it; the API may come later. */
export function patchesOn(api: () => TestApi) {
  const patch = (vm: Pick<VmRow, 'id'>, body: unknown, headers = {}) =>
    api().send('PATCH', `/api/v1/vms/${vm.id}`, body, headers)

  const rowOf = async ({ id }: Pick<VmRow, 'id'>) =>
    one((await api().database.drizzle.select().from(vms).where(eq(vms.id, id)))[0])

  const operationsOf = ({ id }: Pick<VmRow, 'id'>) =>
    api().database.drizzle.select().from(operations).where(eq(operations.vmId, id))

  /** Refused with these fields, and nothing happened. */
  async function expectRefused(vm: VmRow, body: unknown, fields: string[]) {
    const before = await everything(api().database)
    const answer = await patch(vm, body)
    expect(answer).toMatchObject({ status: 400, body: { reason: 'INVALID_REQUEST' } })
    expect(answer.body.details.problems.map(({ field }: { field: string }) => field)).toEqual(fields)
    expect(await everything(api().database)).toEqual(before)
    return answer.body.details.problems as { field: string; message: string }[]
  }

  return { patch, rowOf, operationsOf, expectRefused }
}
