import type { ErrorRecord } from '#db/errors.ts'
import type { CpuMode } from '#db/vm-spec.ts'
import type { Client } from '#openapi/sdk/typescript/client/index.ts'
import { createSnapshot, createVm, getSnapshot, startVm, stopVm } from '#openapi/sdk/typescript/sdk.gen.ts'
import type { Progress } from '../progress.ts'
import { ApiError, answered, preferWait, settled } from './api.ts'
import { type DomainCpu, readDomainCpu } from './domain-cpu.ts'
import type { Outcome, Row } from './table.ts'

export interface Attempt {
  client: Client
  mode: CpuMode
  vmName: string
  /** A file of the node's image directory; null for a VM with an empty disk alone. */
  iso: string | null
  /** Null where VMs are simulated. */
  libvirtUri: string | null
  progress: Progress
}

export interface Tried {
  outcomes: Record<Row['kind'], Outcome>
  /** As libvirt had it while the VM ran. */
  domainCpu: DomainCpu | null
}

/** The test guest's need, with room. */
const memoryMib = 256

/** Makes and starts one VM of the CPU mode and tries every kind of snapshot on it. It leaves the VM behind. */
export async function tryCpuMode({ client, mode, vmName, iso, libvirtUri, progress }: Attempt): Promise<Tried> {
  const headers = preferWait
  const step = <T>(title: string, work: () => Promise<T>) => progress.during(`  ${mode}: ${title}`, work)

  const spec = {
    cpuMode: mode,
    cpu: { cores: 1 },
    memory: { sizeMib: memoryMib },
    disks: [{ sizeGib: 1 }],
    ...(iso !== null && { cdroms: [{ iso }] }),
  }
  const vm = await step(`create ${vmName}`, () =>
    settled(client, createVm({ client, headers, body: { name: vmName, description: tourMark, spec } })),
  )
  const path = { id: vm.id }
  const take = async (name: string, includeMemory: boolean): Promise<Outcome> => {
    try {
      const body = { name, includeMemory }
      const { id } = await settled(client, createSnapshot({ client, headers, path, body }))
      const snapshot = await answered(getSnapshot({ client, path: { id: vm.id, snapshotId: id } }))
      return { taken: snapshot.kind ?? `nothing (${snapshot.status.state})` }
    } catch (error) {
      if (error instanceof ApiError) return { error: recordOf(error) }
      throw error
    }
  }

  await step('start it', () => settled(client, startVm({ client, headers, path })))
  const domainCpu = libvirtUri === null ? null : await step('read its CPU', () => readDomainCpu(libvirtUri, vm.id))
  const diskOnly = await step('snapshot the disk while it runs', () => take('disk-only', false))
  const memory = await step('snapshot disk and memory while it runs', () => take('with-memory', true))
  await step('stop it', () => settled(client, stopVm({ client, headers, path, body: { force: true } })))
  const offline = await step('snapshot it stopped', () => take('stopped', false))
  return { outcomes: { 'disk-only': diskOnly, memory, offline }, domainCpu }
}

/** The description of every VM that the tour makes. */
export const tourMark = 'Made by npm run quickstart'

const recordOf = ({ body: { code, message } }: ApiError): ErrorRecord => ({ code, message })
