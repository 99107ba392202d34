import type { NicSpec } from '#db/vm-spec.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { aVmOnNode, expectSpec, holdsTheGuarantees } from './harness.ts'

const mac = '52:54:00:00:00:01'
const withNic = aSpec({ nics: [{ network: 'default', mac }] })
const [nic] = withNic.nics as [NicSpec]

holdsTheGuarantees({
  kind: 'nic.attach',
  async arrange(hypervisor) {
    const vm = await aVmOnNode(hypervisor, 'RUNNING')
    return { vm, input: { vmId: vm.id, nic } }
  },
  expectDone: (hypervisor, vm) => expectSpec(hypervisor, vm, { nics: [nic] }),
  expectUndone: (hypervisor, vm) => expectSpec(hypervisor, vm, { nics: [] }),
})
