import { openLibvirtHypervisor } from '#worker/hypervisor/libvirt/open.ts'
import type { LibvirtOptions } from '#worker/hypervisor/libvirt/options.ts'

/** A process to be killed: freezes a guest as a worker does, says its token, and stays. */
const [options, vmId, timeoutSeconds] = JSON.parse(process.argv[2] ?? '') as [
  Omit<LibvirtOptions, 'log'>,
  string,
  number,
]
const hypervisor = await openLibvirtHypervisor({ ...options, log: { info: () => {}, warn: () => {} } })
const request = { vmId, mountPoints: [], timeoutSeconds, runPreFreezeScripts: false }
const { token } = await hypervisor.quiesceFilesystems(request, new AbortController().signal)
console.log(token)
