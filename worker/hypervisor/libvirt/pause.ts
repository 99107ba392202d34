import { AppError } from '#db/errors.ts'
import type { RunState } from '#worker/hypervisor/port.ts'
import { readRunState, requireDomain } from './domain.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { type Domain, remote } from './rpc/protocol.gen.ts'

/** Lets the guest stand still; one that does already stays so. Throws `failed_precondition` for a stopped VM. */
export const pauseVm = (connection: LibvirtConnection, vmId: string): Promise<void> =>
  reach(connection, vmId, 'PAUSED', async (dom) => {
    await connection.call(remote.domainSuspend, { dom })
  })

/** Lets the guest go on; one that runs stays so. Throws `failed_precondition` for a stopped VM. */
export const resumeVm = (connection: LibvirtConnection, vmId: string): Promise<void> =>
  reach(connection, vmId, 'RUNNING', async (dom) => {
    await connection.call(remote.domainResume, { dom })
  })

async function reach(
  connection: LibvirtConnection,
  vmId: string,
  wanted: RunState,
  act: (dom: Domain) => Promise<void>,
): Promise<void> {
  const dom = await requireDomain(connection, vmId)
  const state = await readRunState(connection, dom)
  if (state === wanted) return
  if (state === 'STOPPED') {
    throw new AppError('failed_precondition', 'The VM is stopped.', { reason: 'VM_IS_STOPPED' })
  }
  try {
    await act(dom)
  } catch (error) {
    // Somebody else was faster, or it was done although the call failed.
    if ((await readRunState(connection, dom)) !== wanted) throw error
  }
}
