import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { eventually } from '#test/db/eventually.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aDaemon, aStateDirectory, aVmRequest, call } from './daemon.ts'

test('who asks for the status of many VMs at once is answered by a few looks at the node', async ({
  onTestFinished,
}) => {
  const hypervisor = createSimulatedHypervisor()
  const { measureVms } = hypervisor
  let looks = 0
  const answering = Object.assign(hypervisor, {
    async measureVms(vmIds: readonly string[]) {
      looks++
      // As long as a node takes at least.
      for (let turn = 0; turn < 50; turn++) await nextTurn()
      return await measureVms(vmIds)
    },
  })
  const daemon = await aDaemon(answering, aStateDirectory(onTestFinished))
  onTestFinished(() => daemon.close())
  const { client } = daemon
  const vms = Array.from({ length: 20 }, (_, index) => aVmRequest(`vm-${index}`))
  await Promise.all(vms.map((vm) => call(client, 'CreateVM', vm)))
  const asked = Array.from({ length: 10 }, () => vms).flat()

  const [answers, missing] = await Promise.all([
    Promise.all(asked.map(({ vmId }) => call(client, 'GetVMStatus', { vmId }))),
    call(client, 'GetVMStatus', { vmId: randomUUID() }).catch((error) => error),
  ])
  expect(answers.map(({ vmId }) => vmId)).toEqual(asked.map(({ vmId }) => vmId))
  expect(missing).toMatchObject({ code: status.NOT_FOUND })
  expect(looks).toBeLessThanOrEqual(20)
})

test('since when a VM runs is known also of one that was started by somebody else', async ({ onTestFinished }) => {
  const hypervisor = createSimulatedHypervisor()
  const daemon = await aDaemon(hypervisor, aStateDirectory(onTestFinished))
  onTestFinished(() => daemon.close())
  const vm = aVmRequest('web')
  await call(daemon.client, 'CreateVM', vm)
  const statusOf = () => call(daemon.client, 'GetVMStatus', { vmId: vm.vmId })
  expect((await statusOf()).startedAt).toBeNull()
  hypervisor.changeUnasked(vm.vmId, 'RUNNING', 'started')
  const { seconds } = await eventually(async () => (await statusOf()).startedAt)
  expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(60)
})
