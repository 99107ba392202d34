import { expect, test } from 'vitest'
import type { NicSpec } from '#db/vm-spec.ts'
import { anOperation } from '#test/db/rows.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, expectSpec, holdsTheGuarantees, perform } from './harness.ts'

const mac = '52:54:00:00:00:01'
const withNic = aSpec({ nics: [{ network: 'default', mac }] })
const [nic] = withNic.nics as [NicSpec]

const input = { mac, timeoutSeconds: 1 }
holdsTheGuarantees({
  kind: 'nic.detach',
  async arrange(hypervisor) {
    const vm = await aVmOnNode(hypervisor, 'RUNNING', { spec: withNic })
    return { vm, input: { vmId: vm.id, ...input } }
  },
  expectDone: (hypervisor, vm) => expectSpec(hypervisor, vm, { nics: [] }),
  expectUndone: (hypervisor, vm) => expectSpec(hypervisor, vm, { nics: [nic] }),
})

test('a guest that does not let go keeps its card', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING', { spec: withNic, name: `keeps-devices-${Date.now()}` })
  const ended = await perform(await anOperation(db, vm, 'nic.detach', { input }), { hypervisor })
  expect(ended).toMatchObject({ status: 'failed', error: { reason: 'GUEST_KEEPS_DEVICE' } })
  await expectSpec(hypervisor, vm, { nics: [nic] })
})
