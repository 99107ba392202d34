import { AppError } from '#db/errors.ts'
import { readRunState, requireDomain } from './domain.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { type Domain, remote } from './rpc/protocol.gen.ts'

/** The guest agent is asked first, and may not answer. */
const rebootTimeoutMs = 90_000

/** Asks the guest to reboot; an event says when it has. Throws `failed_precondition` unless it runs. */
export async function requestReboot(connection: LibvirtConnection, vmId: string): Promise<void> {
  const dom = await requireRunning(connection, vmId)
  await connection.call(remote.domainReboot, { dom, flags: 0 }, { timeoutMs: rebootTimeoutMs })
}

/** Resets the machine under the guest. Throws `failed_precondition` unless it runs. */
export async function resetVm(connection: LibvirtConnection, vmId: string): Promise<void> {
  const dom = await requireRunning(connection, vmId)
  await connection.call(remote.domainReset, { dom, flags: 0 })
}

/** The domain of a VM that runs. Throws `failed_precondition` unless it does. */
export async function requireRunning(connection: LibvirtConnection, vmId: string): Promise<Domain> {
  const dom = await requireDomain(connection, vmId)
  const state = await readRunState(connection, dom)
  if (state === 'RUNNING') return dom
  throw new AppError('failed_precondition', `The VM does not run: it is ${state}.`, { reason: 'VM_NOT_RUNNING' })
}
