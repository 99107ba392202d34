import { randomUUID } from 'node:crypto'
import { copyFile } from 'node:fs/promises'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import type { Database } from '#db/client.ts'
import { findNode, registerNode } from '#db/nodes.ts'
import { openDoorbell } from '#db/operations/doorbell.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { eventually } from '#test/db/eventually.ts'
import { anOperation, aVm, readOperation } from '#test/db/rows.ts'
import type { TestDatabase } from '#test/support/database.ts'
import { definitionOf } from '#test/support/vm-spec.ts'
import { aStateDirectory, type WorkerPlace } from '#test/worker/worker-process.ts'
import { findDomain } from '#worker/hypervisor/libvirt/domain.ts'
import { openLibvirtHypervisor } from '#worker/hypervisor/libvirt/open.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import type { LibvirtNode } from '../hypervisor/libvirt-node.ts'

/** A place for a worker on a libvirt host; what runs on the host is known there already, as after a first start. */
export async function aWorkerPlace(db: TestDatabase, libvirt: LibvirtNode) {
  const nodeId = randomUUID()
  const stateDirectory = aStateDirectory(nodeId)
  const cpuModes = await libvirt.hypervisor.probeCpuModes()
  await copyFile(
    path.join(libvirt.options.stateDirectory, 'cpu-modes.json'),
    path.join(stateDirectory, 'cpu-modes.json'),
  )
  const { hostname, hostUuid: _, ...node } = await libvirt.hypervisor.describeNode()
  await registerNode(db, nodeId, { name: hostname, daemonAddress: null, hypervisor: 'libvirt', cpuModes, ...node })
  const place: WorkerPlace = { stateDirectory, databaseUrl: db.url, libvirtUri: libvirt.options.uri, virtType: 'qemu' }
  const poolDirectory = path.join(stateDirectory, 'pool')
  return { nodeId, place, poolDirectory, options: { ...libvirt.options, nodeId, stateDirectory, poolDirectory } }
}

/** A place for a worker, with a VM that runs. */
export async function aRunningWorkerVm(db: TestDatabase, libvirt: LibvirtNode) {
  const { vms, ...worker } = await runningWorkerVms(db, libvirt, 1)
  return { ...worker, vm: vms[0] as VmRow }
}

/** A place for a worker, with so many VMs that run. */
export async function runningWorkerVms(db: TestDatabase, libvirt: LibvirtNode, count: number) {
  const worker = await aWorkerPlace(db, libvirt)
  const hypervisor = await openNode(worker.options)
  async function aRunningVm() {
    const vm = await aVm(db, worker.nodeId, { state: 'RUNNING' })
    await hypervisor.createDisk({ vmId: vm.id, target: 'vda', sizeGib: 1 })
    await hypervisor.defineVm(definitionOf(vm))
    await hypervisor.startVm(vm.id)
    destroyAfterwards(libvirt, vm.id)
    return vm
  }
  const vms = await Promise.all(Array.from({ length: count }, aRunningVm))
  return { ...worker, vms, hypervisor }
}

/** The node as its worker would have it, for arranging what a worker is to find; closed with the test. */
async function openNode(options: LibvirtNode['options']): Promise<Hypervisor> {
  const hypervisor = await openLibvirtHypervisor(options)
  onTestFinished(() => hypervisor.close())
  return hypervisor
}

/** The names of all domains of the host. */
export async function domainNames({ connection }: LibvirtNode): Promise<string[]> {
  const { domains } = await connection.call(remote.connectListAllDomains, { needResults: 1, flags: 0 })
  return domains.map(({ name }) => name)
}

/** Ends the VM when the test does, so that the host's QEMUs do not add up. */
export function destroyAfterwards({ connection }: LibvirtNode, vmId: string): void {
  onTestFinished(async () => {
    const dom = await findDomain(connection, vmId)
    if (dom) await connection.call(remote.domainDestroyFlags, { dom, flags: 0 }).catch(() => {})
  })
}

/** Records an operation and rings for it, as the API does. */
export async function request(
  db: TestDatabase,
  ...operation: Parameters<typeof anOperation> extends [Database, ...infer Rest] ? Rest : never
): Promise<OperationRow> {
  const recorded = await anOperation(db, ...operation)
  const doorbell = openDoorbell({ backend: 'postgres', url: db.url })
  await doorbell.ring(recorded)
  await doorbell.close()
  return recorded
}

/** Waits until so many workers have taken the node over since it was registered. */
export const takenOver = (db: Database, nodeId: string, times: number) =>
  eventually(async () => (await findNode(db, nodeId))?.epoch === 1 + times, 30_000)

export const ended = (db: Database, { id }: Pick<OperationRow, 'id'>, timeoutMs: number): Promise<OperationRow> =>
  eventually(async () => {
    const operation = await readOperation(db, id)
    return operation.finishedAt && operation
  }, timeoutMs)

/** Where a worker can be killed in an operation of a kind; its last step is recorded when all ends. */
export const everyMoment = ({ steps }: { steps: readonly { name: string }[] }): string[] =>
  steps.flatMap(({ name }) => ['before', 'after', 'recorded'].map((moment) => `${name}/${moment}`)).slice(0, -1)
