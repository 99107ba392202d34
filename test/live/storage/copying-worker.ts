import { openLibvirtHypervisor } from '#worker/hypervisor/libvirt/open.ts'
import type { LibvirtOptions } from '#worker/hypervisor/libvirt/options.ts'
import type { NewVolume } from '#worker/hypervisor/storage-calls.ts'

/** A worker that makes a volume, to be killed meanwhile. */
const { options, volume } = JSON.parse(process.argv[2] ?? '') as {
  options: Omit<LibvirtOptions, 'log'>
  volume: NewVolume
}
const hypervisor = await openLibvirtHypervisor({ ...options, log: { info() {}, warn() {} } })
await hypervisor.createVolume(volume, new AbortController().signal)
await hypervisor.close()
