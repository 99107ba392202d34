import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { VmSpec } from '#db/vm-spec.ts'
import { simulatedDisks } from '#test/live/snapshots-model/simulated-disks.ts'
import { writeImage } from '#test/support/image-files.ts'
import { aDefinition } from '#test/support/vm-spec.ts'
import type { VmDefinition } from '#worker/hypervisor/port.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import type { SimulatedOptions } from '#worker/hypervisor/simulated/options.ts'
import { type Sentinel, sentinels } from '#worker/hypervisor/simulated/sentinels.ts'
import type { StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { describeAgents } from './agent-contract.ts'
import { describeHypervisor } from './contract.ts'
import type { HypervisorUnderTest } from './contract-vms.ts'
import { describeDevices } from './device-contract.ts'
import { describeQuiesce } from './quiesce-contract.ts'
import { describeReverts } from './revert-contract.ts'

async function aSimulatedNode(options: SimulatedOptions = {}): Promise<HypervisorUnderTest> {
  const imagesDirectory = await mkdtemp(path.join(tmpdir(), 'qs-'))
  const hypervisor = createSimulatedHypervisor({ imagesDirectory, ...options })
  return {
    hypervisor,
    disks: simulatedDisks(hypervisor),
    async makeForeign() {
      const definition = aDefinition()
      hypervisor.makeForeign({ definition, unmanaged: { devices: ['sound'], disks: ['vda'] } })
      return definition.vmId
    },
    devices: async (vmId) => simulatedDevices(hypervisor, vmId),
    addImage: (name, sizeBytes) => writeImage(path.join(imagesDirectory, name), sizeBytes),
    async close() {
      await hypervisor.close()
      await rm(imagesDirectory, { recursive: true })
    },
  }
}

async function simulatedGuests() {
  const hypervisor = createSimulatedHypervisor()
  const aVm = async (name: string) => {
    const vm = aDefinition({ name })
    await hypervisor.defineVm(vm)
    return vm.vmId
  }
  const [vmId, stoppedVmId, agentlessVmId] = [await aVm('guest'), await aVm('off'), await aVm(sentinels.hasNoAgent)]
  for (const id of [vmId, agentlessVmId]) await hypervisor.startVm(id)
  return { hypervisor, vmId, stoppedVmId, agentlessVmId }
}

function simulatedDevices({ contents }: SimulatedHypervisor, vmId: string) {
  const vm = contents.vms[vmId]
  const devicesIn = (spec: VmSpec | undefined) => ({
    disks: spec?.disks.map(({ target }) => target) ?? [],
    media: Object.fromEntries(spec?.cdroms.map(({ target, iso }) => [target, iso]) ?? []),
    nics: spec?.nics.map(({ mac }) => mac) ?? [],
  })
  return { live: devicesIn((vm?.running ?? vm?.definition)?.spec), inactive: devicesIn(vm?.definition.spec) }
}

describe('a simulated node', () => {
  describeHypervisor(aSimulatedNode)
  describeReverts(aSimulatedNode)
  describeDevices(aSimulatedNode)
  describeAgents(simulatedGuests)
  describeQuiesce(simulatedGuests)
})

describe('a simulated node without host-passthrough', () =>
  describeHypervisor(() => aSimulatedNode({ unsupported: { 'host-passthrough': 'KVM cannot be used here' } })))

test('what is on a simulated node outlives the process that put it there', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'qs-'))
  const file = path.join(directory, 'node.json')
  const vm = aDefinition()
  const before = createSimulatedHypervisor({ file })
  await before.createDisk({ vmId: vm.vmId, target: 'vda', sizeGib: 1 })
  await before.defineVm(vm)
  await before.startVm(vm.vmId)
  const after = createSimulatedHypervisor({ file })
  expect(after.contents).toEqual(before.contents)
  expect(await after.observeVm(vm.vmId)).toMatchObject({ state: 'RUNNING' })
  await rm(directory, { recursive: true })
})

type Act = (node: SimulatedHypervisor, vm: VmDefinition) => Promise<unknown>

const startVm: Act = async (node, vm) => {
  await node.defineVm(vm)
  await node.startVm(vm.vmId)
}

const createSnapshot: Act = async (node, vm) => {
  await node.defineVm(vm)
  await node.createSnapshot({ vmId: vm.vmId, snapshotId: vm.vmId, includeMemory: false, quiesce: null })
}

const revertToSnapshot: Act = async (node, vm) => {
  await node.defineVm(vm)
  const snapshot: StoredSnapshot = {
    snapshotId: vm.vmId,
    kind: 'offline',
    disks: [],
    memoryVolume: null,
    nvramVolume: null,
  }
  await node.revertToSnapshot({ vmId: vm.vmId, operationId: vm.vmId, snapshot, keepAs: null, start: false })
}

const reclaimFiles: Act = async (node, vm) => {
  await node.defineVm(vm)
  await node.reclaimFiles({ vmId: vm.vmId, keep: [] })
}

const failures: [Sentinel, Act][] = [
  ['failsToDefine', (node, vm) => node.defineVm(vm)],
  ['failsToStart', startVm],
  ['failsToSnapshot', createSnapshot],
  ['failsToRevert', revertToSnapshot],
  ['failsToReclaim', reclaimFiles],
]

test.each(failures)('a VM whose name says so %s', async (sentinel, act) => {
  const vm = aDefinition({ name: `a-${sentinels[sentinel]}-b` })
  await expect(act(createSimulatedHypervisor(), vm)).rejects.toMatchObject({ reason: 'SIMULATED' })
})

test('a VM whose name says so has disks out of step, until they are found right', async () => {
  const node = createSimulatedHypervisor()
  const { vmId, ...vm } = aDefinition({ name: sentinels.disksOutOfStep })
  await node.defineVm({ vmId, ...vm })
  expect(await node.checkDisks({ vmId, snapshots: [] })).toMatchObject({ reason: 'DISKS_OUT_OF_STEP' })
  node.changeDiskProblem(vmId, null)
  expect(await node.checkDisks({ vmId, snapshots: [] })).toBeNull()
})
