import { testSecretBox } from '#test/support/secret-box.ts'
import type { SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aDaemon, aStateDirectory, type OnTestFinished } from './daemon.ts'
import { aManagedDaemon } from './managed-daemon.ts'

export const everyOwner = ['of its own', 'of a control plane'] as const
export type Owner = (typeof everyOwner)[number]

/** The daemon of a node on its own, or of one that belongs to a control plane; what is asked of either is done by the same rules. */
export async function aNodeOf(
  owner: Owner,
  onTestFinished: OnTestFinished,
  hypervisor: SimulatedHypervisor,
  box = testSecretBox,
) {
  if (owner === 'of a control plane') return await aManagedDaemon(onTestFinished, hypervisor, { box })
  const daemon = await aDaemon(hypervisor, aStateDirectory(onTestFinished), box)
  onTestFinished(() => daemon.close())
  return daemon
}
