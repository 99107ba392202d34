import { gather } from '#db/gather.ts'
import { vmNotFound } from '#db/rules/vm-refusal.ts'
import type { VMStatusResponse } from '#proto/gen/limiquantix/node/v1/VMStatusResponse.ts'
import type { Calls } from './calls.ts'
import type { GuestMemory } from './guest-memory.ts'
import { statusView } from './views.ts'
import type { VmControl } from './vm-control.ts'
import { readVmId } from './vm-id.ts'
import type { VmMeter } from './vm-meter.ts'

/** Of one call of libvirt, which takes up to 16,384. */
const mostAtOnce = 4096

/** What a node says of how its VMs are. Who asks while others are answered is answered with the next ones, all at once. */
export function statusCalls(control: Pick<VmControl, 'list'>, meter: VmMeter, guests: GuestMemory) {
  async function look(vmIds?: readonly string[]): Promise<Map<string, VMStatusResponse>> {
    const vms = await control.list(vmIds)
    const measured = await meter.measure(vms.map(({ id }) => id))
    return new Map(
      vms.map((vm) => {
        const observed = measured.get(vm.id) ?? null
        return [vm.id, statusView(vm, observed, guests.known(vm.id, observed?.runId ?? null))]
      }),
    )
  }
  const statusOf = gather<string, VMStatusResponse>(async (vmIds) => {
    const found = await look([...new Set(vmIds)])
    return vmIds.map((vmId) => found.get(vmId) ?? Promise.reject(vmNotFound(vmId)))
  }, mostAtOnce)
  return {
    async GetVMStatus(request) {
      const vmId = readVmId(request)
      const status = await statusOf(vmId)
      if (!status.guestAgent?.connected) return status
      const asked = guests.ask(vmId)
      // What was said before is told, and asked anew for the next one.
      if (status.guestAgent.lastSeen) return status
      await asked
      return statusOf(vmId)
    },
    async ListVMs() {
      const found = await look()
      return { vms: [...found.keys()].sort().flatMap((vmId) => found.get(vmId) ?? []) }
    },
  } satisfies Partial<Calls>
}
