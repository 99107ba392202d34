import { openLibvirtHypervisor } from '#worker/hypervisor/libvirt/open.ts'
import type { LibvirtOptions } from '#worker/hypervisor/libvirt/options.ts'
import type { ReclaimRequest } from '#worker/hypervisor/snapshot-calls.ts'

/** A worker that reclaims a VM's files, to be killed meanwhile. */
const { options, request } = JSON.parse(process.argv[2] ?? '') as {
  options: Omit<LibvirtOptions, 'log'>
  request: ReclaimRequest
}
const hypervisor = await openLibvirtHypervisor({ ...options, log: { info() {}, warn() {} } })
await hypervisor.reclaimFiles(request)
await hypervisor.close()
