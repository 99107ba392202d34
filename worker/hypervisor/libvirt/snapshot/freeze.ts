import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { isLibvirtError } from '../rpc/errors.ts'
import { type Domain, qemu, remote } from '../rpc/protocol.gen.ts'

/** Flushing a busy guest's disks takes its time. */
const freezeTimeoutSeconds = 60
const statusTimeoutSeconds = 10
const thawTimeoutSeconds = 10
/** A freeze that timed out is still queued in the guest: it may freeze, and must be thawed, this much later. */
const thawWithinMs = 30_000
const thawRetryMs = 500
const msPerSecond = 1000

const statusCommand = JSON.stringify({ execute: 'guest-fsfreeze-status' })

/** Asks the guest agent whether its filesystems are frozen. */
export async function isFrozen(connection: LibvirtConnection, dom: Domain): Promise<boolean> {
  const { result } = await connection.call(
    qemu.domainAgentCommand,
    { dom, cmd: statusCommand, timeout: statusTimeoutSeconds, flags: 0 },
    { timeoutMs: 3 * statusTimeoutSeconds * msPerSecond },
  )
  return (JSON.parse(result ?? '{}') as { return?: string }).return === 'frozen'
}

/** Throws `failed_precondition` when somebody else froze the guest: thawing it afterwards would be no favour. */
export async function requireThawed(connection: LibvirtConnection, dom: Domain): Promise<void> {
  if (!(await isFrozen(connection, dom))) return
  throw new AppError(
    'failed_precondition',
    "The guest's filesystems are frozen already, by somebody else. Thaw them first.",
    {
      reason: 'GUEST_ALREADY_FROZEN',
    },
  )
}

/** Freezes the guest's filesystems, and makes sure that they are. Throws `failed_precondition` where that does not work. */
export async function freeze(connection: LibvirtConnection, dom: Domain): Promise<void> {
  try {
    await setAgentTimeout(connection, dom, freezeTimeoutSeconds)
    await connection.call(
      remote.domainFsfreeze,
      { dom, mountpoints: [], flags: 0 },
      { timeoutMs: 2 * freezeTimeoutSeconds * msPerSecond },
    )
    if (await isFrozen(connection, dom)) return
  } catch (error) {
    if (!isLibvirtError(error)) throw error
    throw freezeFailed(error.message, error)
  }
  throw freezeFailed('the agent agreed, and its filesystems are not frozen')
}

const freezeFailed = (why: string, cause?: unknown): AppError =>
  new AppError(
    'failed_precondition',
    `The guest could not freeze its filesystems: ${why}. Take the snapshot without quiesce, or look at qemu-guest-agent in the guest.`,
    { reason: 'GUEST_FREEZE_FAILED', cause },
  )

/** Thaws until the guest is seen thawed. Resolves to whether it was; a guest without an agent by now stays unknown. */
export async function thaw(connection: LibvirtConnection, dom: Domain): Promise<boolean> {
  const end = Date.now() + thawWithinMs
  while (Date.now() < end) {
    try {
      await setAgentTimeout(connection, dom, thawTimeoutSeconds)
      await connection.call(remote.domainFsthaw, { dom, mountpoints: [], flags: 0 })
      if (!(await isFrozen(connection, dom))) return true
    } catch (error) {
      if (!isLibvirtError(error)) throw error
      if (!(await isActive(connection, dom))) return true
    }
    await sleep(thawRetryMs)
  }
  return false
}

/** Without it a call to an agent that hangs would block this domain's agent for good. */
const setAgentTimeout = (connection: LibvirtConnection, dom: Domain, timeout: number) =>
  connection.call(remote.domainAgentSetResponseTimeout, { dom, timeout, flags: 0 })

const isActive = async (connection: LibvirtConnection, dom: Domain): Promise<boolean> =>
  (await connection.call(remote.domainIsActive, { dom })).active === 1
