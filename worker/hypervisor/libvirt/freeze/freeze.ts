import { askAgent } from '../guest-agent.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { isLibvirtError } from '../rpc/errors.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import { quiesceErrors } from './errors.ts'
import { type GuestFileSystem, readFileSystems } from './file-systems.ts'

/** A healthy agent answers these in milliseconds. */
const answerTimeoutSeconds = 5

/** Asks the guest agent whether its file systems are frozen. */
export async function isFrozen(connection: LibvirtConnection, dom: Domain): Promise<boolean> {
  const status = await askAgent(connection, dom, 'guest-fsfreeze-status', answerTimeoutSeconds)
  if (status === 'frozen' || status === 'thawed') return status === 'frozen'
  throw quiesceErrors.freezeFailed('its agent says neither that its file systems are frozen nor that they are thawed')
}

/** Throws `failed_precondition` where somebody else froze the guest, or its agent does not answer. */
export async function requireThawed(connection: LibvirtConnection, dom: Domain): Promise<void> {
  if (await answered(isFrozen(connection, dom))) throw quiesceErrors.alreadyFrozen()
}

/** Resolves to none where the agent cannot list them. A frozen agent does not: ask before. */
export async function listFileSystems(connection: LibvirtConnection, dom: Domain): Promise<GuestFileSystem[]> {
  try {
    return readFileSystems(await askAgent(connection, dom, 'guest-get-fsinfo', answerTimeoutSeconds))
  } catch (error) {
    if (isLibvirtError(error)) return []
    throw error
  }
}

/**
 * Freezes the guest's file systems, and makes sure that they are. Resolves to how many the agent froze. Throws
 * `failed_precondition` where that does not work; the guest may be frozen all the same, or freeze later, unless the
 * reason is `GUEST_ALREADY_FROZEN`: then it is frozen, and not by this call. Without mount points all are frozen.
 */
export async function freeze(
  connection: LibvirtConnection,
  dom: Domain,
  timeoutSeconds: number,
  mountpoints: readonly string[] | null = null,
): Promise<number> {
  let count: unknown
  try {
    count = mountpoints
      ? await askAgent(connection, dom, 'guest-fsfreeze-freeze-list', timeoutSeconds, { mountpoints })
      : await askAgent(connection, dom, 'guest-fsfreeze-freeze', timeoutSeconds)
  } catch (error) {
    if (!isLibvirtError(error)) throw error
    if (isRefused(error.message) && (await answered(isFrozen(connection, dom))))
      throw quiesceErrors.alreadyFrozen(error)
    throw quiesceErrors.freezeFailed(error.message, error)
  }
  if (!(await answered(isFrozen(connection, dom)))) {
    throw quiesceErrors.freezeFailed('its agent agreed, and its file systems are not frozen')
  }
  return typeof count === 'number' ? count : 0
}

/** Asks the guest to thaw, whoever froze it. Resolves to whether it is thawed then. */
export async function thaw(connection: LibvirtConnection, dom: Domain): Promise<boolean> {
  await askAgent(connection, dom, 'guest-fsfreeze-thaw', answerTimeoutSeconds)
  return !(await isFrozen(connection, dom))
}

/** A frozen agent refuses to freeze, in the words of one that was configured so: "Command … has been disabled: …". */
const isRefused = (message: string): boolean => /has been disabled|not allowed/i.test(message)

async function answered<T>(question: Promise<T>): Promise<T> {
  try {
    return await question
  } catch (error) {
    if (!isLibvirtError(error)) throw error
    throw quiesceErrors.agentSilent(error)
  }
}
