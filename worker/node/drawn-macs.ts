import type { Database } from '#db/client.ts'
import { findMadeUpMacs, recordMacs } from '#db/drawn-macs.ts'
import type { Claimant } from '#db/operations/claim.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'

interface Dependencies {
  db: Database
  hypervisor: Pick<Hypervisor, 'findMacs'>
  claimant: Claimant
}

/**
 * Takes the addresses of network cards that libvirt once drew into the specs of VMs which were made before the API gave
 * them. Only specs that have made-up ones are looked at: each once, and nothing of a VM itself changes.
 */
export async function adoptDrawnMacs({ db, hypervisor, claimant }: Dependencies): Promise<void> {
  for (const vm of await findMadeUpMacs(db, claimant.nodeId)) {
    const macs = await hypervisor.findMacs(vm.id)
    // Cards that came or went since are in another order.
    if (macs?.length === vm.spec.nics.length) await recordMacs(db, claimant, vm, macs)
  }
}
