import { findDomain, isStartingUp, readRunState, readState, requireDomain } from './domain.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { DomainCreateFlags, DomainState } from './rpc/constants.gen.ts'
import { isLibvirtError } from './rpc/errors.ts'
import { type Domain, remote } from './rpc/protocol.gen.ts'

/** Starting QEMU takes 0.3 s; a managed-save image or a slow disk more. */
const startTimeoutMs = 120_000
/** libvirt sends SIGTERM, waits 15 s, sends SIGKILL, and waits again while I/O is stuck. */
const destroyTimeoutMs = 90_000
/** The guest agent is asked first, and may not answer. */
const shutdownTimeoutMs = 90_000

/** Starts a stopped VM, standing still if so asked; one that is on already stays as it is. */
export async function startVm(connection: LibvirtConnection, vmId: string, { paused = false } = {}): Promise<void> {
  const dom = await requireDomain(connection, vmId)
  const isOn = () => isStarted(connection, dom)
  if (await isOn()) return
  const flags = paused ? DomainCreateFlags.PAUSED : 0
  await startWith(async () => {
    await connection.call(remote.domainCreateWithFlags, { dom, flags }, { timeoutMs: startTimeoutMs })
  }, isOn)
}

/** Whether it is on, and stays so: what libvirt still starts, a libvirtd that was killed meanwhile ends again. */
async function isStarted(connection: LibvirtConnection, dom: Domain): Promise<boolean> {
  const now = await readState(connection, dom)
  return now.state !== DomainState.SHUTOFF && now.state !== DomainState.CRASHED && !isStartingUp(now)
}

/** Makes a call that starts a VM, and makes it again when another program was faster with the VNC port. */
export async function startWith(call: () => Promise<void>, isStarted: () => Promise<boolean>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      // Started by somebody else meanwhile, or started although the call failed.
      if (await isStarted()) return
      if (!isPortTaken(error) || attempt === portAttempts) throw error
    }
  }
}

/**
 * Between libvirt's look for a free VNC port and QEMU's bind, another program can take the port. QEMU ends then, and where
 * that is before libvirt has reached its monitor, libvirt says only that.
 */
const isPortTaken = (error: unknown): boolean =>
  isLibvirtError(error) &&
  /Address already in use|failed to connect to monitor socket: Connection refused/.test(error.message)
const portAttempts = 10

/** Asks the guest to shut down; a stopped VM stays as it is. */
export async function requestShutdown(connection: LibvirtConnection, vmId: string): Promise<void> {
  const dom = await requireDomain(connection, vmId)
  if ((await readRunState(connection, dom)) === 'STOPPED') return
  try {
    await connection.call(remote.domainShutdownFlags, { dom, flags: 0 }, { timeoutMs: shutdownTimeoutMs })
  } catch (error) {
    if ((await readRunState(connection, dom)) !== 'STOPPED') throw error
  }
}

/** Takes the power away; a stopped VM, or none, stays as it is. */
export async function destroyVm(connection: LibvirtConnection, vmId: string): Promise<void> {
  const dom = await findDomain(connection, vmId)
  if (!dom || (await readRunState(connection, dom)) === 'STOPPED') return
  try {
    await connection.call(remote.domainDestroyFlags, { dom, flags: 0 }, { timeoutMs: destroyTimeoutMs })
  } catch (error) {
    if ((await readRunState(connection, dom)) === 'STOPPED') return
    throw error
  }
}
