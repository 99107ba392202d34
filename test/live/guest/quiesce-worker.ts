import { openLibvirtHypervisor } from '#worker/hypervisor/libvirt/open.ts'
import type { LibvirtOptions } from '#worker/hypervisor/libvirt/options.ts'
import type { SnapshotRequest } from '#worker/hypervisor/snapshot-calls.ts'

/** A process to be killed: takes one snapshot as a worker does. */
const [options, request] = JSON.parse(process.argv[2] ?? '') as [Omit<LibvirtOptions, 'log'>, SnapshotRequest]
const hypervisor = await openLibvirtHypervisor({ ...options, log: { info: () => {}, warn: () => {} } })
await hypervisor.createSnapshot(request)
await hypervisor.close()
