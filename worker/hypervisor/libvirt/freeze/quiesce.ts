import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { AppError } from '#db/errors.ts'
import type { Quiesced, QuiesceRequest, Thawed, ThawRequest } from '#worker/hypervisor/agent-calls.ts'
import { requireRunning } from '../reboot.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import { quiesceErrors } from './errors.ts'
import { frozenBy, planFreeze } from './file-systems.ts'
import { freeze, listFileSystems, requireThawed } from './freeze.ts'
import { holdErrors } from './hold-errors.ts'
import type { Hold } from './hold-files.ts'
import { type Holds, thawWithinMs } from './holds.ts'

export interface QuiesceDeps {
  /** Makes another connection to libvirt. */
  connect(): Promise<LibvirtConnection>
  holds: Holds
  /** Thaws what snapshots of the VM left frozen. Throws `failed_precondition` where it was not seen thawed. */
  requireSettled(vmId: string): Promise<void>
}

const msPerSecond = 1000
/** What an explicit thaw waits for an agent that is slow. */
const askedThawWithinMs = 10_000

/** Freezes, and gives out the token: from the first step on there is a deadline that thaws, on the disk. */
export async function quiesceFilesystems(
  deps: QuiesceDeps,
  request: QuiesceRequest,
  signal: AbortSignal,
): Promise<Quiesced> {
  signal.throwIfAborted()
  const { holds, requireSettled } = deps
  const earlier = holds.find(request.vmId)
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
  { holds }: QuiesceDeps,
  connection: LibvirtConnection,
  dom: Domain,
  { vmId, mountPoints, timeoutSeconds }: QuiesceRequest,
  signal: AbortSignal,
): Promise<Quiesced> {
  await requireThawed(connection, dom)
  const plan = planFreeze(await listFileSystems(connection, dom), mountPoints)
  const token = randomUUID()
  const hold = newHold(vmId, dom, token, { timeoutSeconds, isWhole: plan.isWhole })
  await holds.add(hold)
  try {
    const askedAt = new Date().toISOString()
    const count = await freeze(connection, dom, secondsUntil(hold.deadlineAt), plan.mountPoints)
    const fileSystems = frozenBy(plan, count)
    if (!fileSystems) {
      throw quiesceErrors.freezeFailed(`its agent froze ${count} file systems, which are not all that can be frozen`)
    }
    signal.throwIfAborted()
    const mountedAt = fileSystems.filter((one) => one.frozen).map(({ mountPoint }) => mountPoint)
    const frozen = { askedAt, seenAt: new Date().toISOString(), fileSystems: mountedAt }
    if (!(await holds.update(hold, { ...hold, frozen }))) throw quiesceErrors.freezeTooSlow(timeoutSeconds)
    return { token, deadlineAt: hold.deadlineAt, fileSystems }
  } catch (error) {
    // A freeze that failed may have happened, or happen later; unless it was somebody else's.
    if (error instanceof AppError && error.reason === 'GUEST_ALREADY_FROZEN') await holds.forget(hold)
    else await holds.thaw(hold, thawWithinMs)
    throw error
  }
}

/** Thaws a guest for who has its token. */
export async function thawFilesystems(holds: Holds, { vmId, token }: ThawRequest): Promise<Thawed> {
  const hold = holds.find(vmId)
  if (!hold?.frozen || !isTokenOf(hold, token) || !holds.isStanding(hold)) throw holdErrors.tokenUnknown()
  const { askedAt, fileSystems } = hold.frozen
  const { wasFrozen, thawedAt } = await holds.thaw(hold, askedThawWithinMs)
  if (thawedAt === null) throw holdErrors.notSeenThawed()
  if (wasFrozen === false) throw holdErrors.thawedEarlier()
  // The wall clock may have been set back meanwhile.
  const frozenMs = Math.max(0, Date.parse(thawedAt) - Date.parse(askedAt))
  return { mountPoints: fileSystems, frozenMs, scriptsError: null }
}

function newHold(
  vmId: string,
  { id }: Domain,
  token: string,
  { timeoutSeconds, isWhole }: { timeoutSeconds: number; isWhole: boolean },
): Hold {
  const now = Date.now()
  return {
    vmId,
    domainId: id,
    tokenSha256: sha256(token),
    isWhole,
    beganAt: new Date(now).toISOString(),
    deadlineAt: new Date(now + timeoutSeconds * msPerSecond).toISOString(),
    frozen: null,
  }
}

const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex')

const isTokenOf = ({ tokenSha256 }: Hold, token: string): boolean =>
  timingSafeEqual(Buffer.from(tokenSha256), Buffer.from(sha256(token)))

/** Whole ones, as libvirt counts; none would be its own default. */
const secondsUntil = (moment: string): number =>
  Math.max(1, Math.floor((Date.parse(moment) - Date.now()) / msPerSecond))
