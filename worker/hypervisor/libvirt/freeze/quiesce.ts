import { AppError } from '#db/errors.ts'
import type { AgentCalls, Quiesced, QuiesceRequest, Thawed, ThawRequest } from '#worker/hypervisor/agent-calls.ts'
import { agentError } from '../agent/errors.ts'
import { requireRunning } from '../reboot.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import { quiesceErrors } from './errors.ts'
import { frozenBy, planFreeze } from './file-systems.ts'
import { freeze, isFrozen, listFileSystems } from './freeze.ts'
import { holdErrors } from './hold-errors.ts'
import type { Hold } from './hold-files.ts'
import { type Holds, thawWithinMs } from './holds.ts'
import { postThawTimeoutSeconds, runScripts } from './scripts.ts'
import { newToken } from './token.ts'

export interface QuiesceDeps {
  /** Makes another connection to libvirt. */
  connect(): Promise<LibvirtConnection>
  holds: Holds
  /** Thaws what snapshots of the VM left frozen. Throws `failed_precondition` where it was not seen thawed. */
  requireSettled(vmId: string): Promise<void>
  execute: AgentCalls['executeInGuest']
}

const msPerSecond = 1000
/** What an explicit thaw waits for an agent that is slow. */
const askedThawWithinMs = 10_000

/** `cameAt` is when it came, ms since the epoch: its time runs from then, whatever it waited for. */
type TimedRequest = QuiesceRequest & { cameAt: number }

/** Freezes, and gives out the token: from the first step on there is a deadline that thaws, on the disk. */
export async function quiesceFilesystems(
  deps: QuiesceDeps,
  request: TimedRequest,
  signal: AbortSignal,
): Promise<Quiesced> {
  signal.throwIfAborted()
  const { holds, requireSettled } = deps
  const earlier = await holds.find(request.vmId)
  if (earlier) throw holds.isStanding(earlier) ? holdErrors.alreadyHeld(earlier.deadlineAt) : holdErrors.stillThawing()
  await requireSettled(request.vmId)
  // A connection of its own: what libvirtd has not read of it when it is closed will not freeze the guest later.
  const connection = await deps.connect()
  try {
    return await holdFrozen(deps, connection, await requireRunning(connection, request.vmId), request, signal)
  } finally {
    connection.close()
  }
}

async function holdFrozen(
  { holds, execute }: QuiesceDeps,
  connection: LibvirtConnection,
  dom: Domain,
  { vmId, mountPoints, timeoutSeconds, runPreFreezeScripts, cameAt }: TimedRequest,
  signal: AbortSignal,
): Promise<Quiesced> {
  if (await isFrozen(connection, dom).catch(throwAgentError)) throw quiesceErrors.alreadyFrozen()
  const plan = planFreeze(await listFileSystems(connection, dom), mountPoints)
  const { token, tokenSha256 } = newToken()
  const deadline = cameAt + timeoutSeconds * msPerSecond
  if (Date.now() >= deadline) throw holdErrors.noTimeLeft(timeoutSeconds)
  let hold: Hold = {
    vmId,
    domainId: dom.id,
    tokenSha256,
    beganAt: new Date(cameAt).toISOString(),
    deadlineAt: new Date(deadline).toISOString(),
    isWhole: plan.isWhole,
    owesScripts: runPreFreezeScripts,
    frozen: null,
    thawedAt: null,
  }
  await holds.add(hold)
  try {
    if (runPreFreezeScripts) {
      // The other half is for the freeze.
      const failure = await runScripts(execute, vmId, 'before', Math.ceil(secondsUntil(hold.deadlineAt) / 2), signal)
      if (failure !== null) throw holdErrors.scriptsFailed(failure)
      if (!holds.isStanding(hold)) throw quiesceErrors.freezeTooSlow(timeoutSeconds)
    }
    const askedAt = new Date().toISOString()
    const count = await freeze(connection, dom, secondsUntil(hold.deadlineAt), plan.mountPoints)
    const fileSystems = frozenBy(plan, count)
    if (!fileSystems) {
      throw quiesceErrors.freezeFailed(`its agent froze ${count} file systems, which are not all that can be frozen`)
    }
    signal.throwIfAborted()
    const mountedAt = fileSystems.filter((one) => one.frozen).map(({ mountPoint }) => mountPoint)
    const asked = hold
    hold = { ...asked, frozen: { askedAt, seenAt: new Date().toISOString(), fileSystems: mountedAt } }
    if (!(await holds.update(asked, hold))) throw quiesceErrors.freezeTooSlow(timeoutSeconds)
    signal.throwIfAborted()
    return { token, deadlineAt: hold.deadlineAt, fileSystems }
  } catch (error) {
    // A freeze that failed may have happened, or happen later; unless it was somebody else's.
    if (error instanceof AppError && error.reason === 'GUEST_ALREADY_FROZEN') await holds.forget(hold)
    else await holds.thaw(hold, { runScripts: runPreFreezeScripts, withinMs: thawWithinMs })
    throw error
  }
}

/** Thaws a guest for who has its token. */
export async function thawFilesystems(holds: Holds, { vmId, token, runPostThawScripts }: ThawRequest): Promise<Thawed> {
  const hold = holds.findByToken(vmId, token)
  if (!hold?.frozen) throw holdErrors.tokenUnknown()
  const { askedAt, fileSystems } = hold.frozen
  const withinMs = askedThawWithinMs + (runPostThawScripts ? postThawTimeoutSeconds * msPerSecond : 0)
  const { wasFrozen, thawedAt, scriptsError } = await holds.thaw(hold, { runScripts: runPostThawScripts, withinMs })
  if (thawedAt === null) throw holdErrors.notSeenThawed()
  if (wasFrozen === false) throw holdErrors.thawedEarlier()
  // The wall clock may have been set back meanwhile.
  const frozenMs = Math.max(0, Date.parse(thawedAt) - Date.parse(askedAt))
  return { mountPoints: fileSystems, frozenMs, scriptsError }
}

/** Whole ones, as libvirt counts; none would be its own default. */
const secondsUntil = (moment: string): number =>
  Math.max(1, Math.floor((Date.parse(moment) - Date.now()) / msPerSecond))

function throwAgentError(error: unknown): never {
  throw agentError(error)
}
