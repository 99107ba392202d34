import { setTimeout as sleep } from 'node:timers/promises'
import type { ClockCorrection } from '#db/operations/result.ts'
import { readLiveXml } from './domain.ts'
import { qmp } from './qmp.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { ErrorCode } from './rpc/constants.gen.ts'
import { isLibvirtError } from './rpc/errors.ts'
import { type Domain, remote } from './rpc/protocol.gen.ts'
import { readDomain } from './xml/read-domain.ts'

/** How one call to the agent may last; libvirt gives up on it then, and the channel is free again. */
const answerTimeoutSeconds = 2
/** An agent that was connected when the memory was saved is connected again within milliseconds of the restore. */
const connectWithinMs = 2_000
/** A guest that comes back to a busy node runs slowly at first. */
const answerWithinMs = 10_000
const retryMs = 100
const msPerSecond = 1000
const nsPerMs = 1_000_000

/** libvirt's answers of an agent that may answer the next time. */
const unresponsive = [ErrorCode.AGENT_UNRESPONSIVE, ErrorCode.AGENT_UNSYNCED, ErrorCode.AGENT_COMMAND_TIMEOUT]

/** Since when the guest's clock has stood still. */
type Since = 'the snapshot was taken' | 'it was paused'

/**
 * Sets the clock of a running guest to the node's, through its agent: a guest that stood still goes on in the past. Takes
 * at most about 15 s, and does not throw for what the guest does; `message` says to people how it went. Only a broken
 * connection to libvirt throws.
 */
export async function correctClock(connection: LibvirtConnection, dom: Domain, since: Since): Promise<ClockCorrection> {
  const failed = (why: string): ClockCorrection => ({
    corrected: false,
    offsetSeconds: null,
    source: null,
    message: `The guest's clock may still say when ${since}: ${why}. Set it in the guest.`,
  })
  try {
    if (!(await isAgentConnected(connection, dom))) return failed('no guest agent is connected')
    const offsetSeconds = await setTime(connection, dom)
    return { corrected: true, offsetSeconds, source: 'node', message: "The guest's clock was set to the node's." }
  } catch (error) {
    if (isLibvirtError(error)) return failed(error.message)
    throw error
  }
}

async function isAgentConnected(connection: LibvirtConnection, dom: Domain): Promise<boolean> {
  const end = performance.now() + connectWithinMs
  while (!readDomain(await readLiveXml(connection, dom)).guestAgentConnected) {
    if (performance.now() > end || !(await isPortOpen(connection, dom))) return false
    await sleep(retryMs)
  }
  return true
}

/** Whether the guest has the agent's port open: QEMU knows it with the memory, libvirt hears of it a little later. */
async function isPortOpen(connection: LibvirtConnection, dom: Domain): Promise<boolean> {
  const ports = await qmp<{ filename: string; 'frontend-open': boolean }[]>(connection, dom, 'query-chardev')
  return ports.some((port) => port.filename.includes('org.qemu.guest_agent.0') && port['frontend-open'])
}

/** Resolves to how many seconds the guest was ahead of the node before. */
async function setTime(connection: LibvirtConnection, dom: Domain): Promise<number> {
  const end = performance.now() + answerWithinMs
  for (;;) {
    try {
      const offsetSeconds = await readOffset(connection, dom)
      await setClock(connection, dom)
      return offsetSeconds
    } catch (error) {
      if (!isLibvirtError(error, ...unresponsive) || performance.now() > end) throw error
      await sleep(retryMs)
    }
  }
}

/** Sets a guest's clock to the node's. Throws LibvirtError where the agent does not, or does not answer within 2 s. */
export async function setClock(connection: LibvirtConnection, dom: Domain): Promise<void> {
  await boundAnswer(connection, dom)
  const now = Date.now()
  const seconds = BigInt(Math.floor(now / msPerSecond))
  const nseconds = (now % msPerSecond) * nsPerMs
  await connection.call(remote.domainSetTime, { dom, seconds, nseconds, flags: 0 })
}

/**
 * How many seconds a guest is ahead of the node, to the accuracy of a call to the agent, some milliseconds: what the node's
 * clock said in the middle of it counts. Throws LibvirtError where the agent does not answer within 2 s.
 */
export async function readOffset(connection: LibvirtConnection, dom: Domain): Promise<number> {
  await boundAnswer(connection, dom)
  const before = Date.now()
  const { seconds, nseconds } = await connection.call(remote.domainGetTime, { dom, flags: 0 })
  const offsetMs = Number(seconds) * msPerSecond + nseconds / nsPerMs - (before + Date.now()) / 2
  return Math.round(offsetMs) / msPerSecond
}

/** libvirt waits for good otherwise. */
const boundAnswer = (connection: LibvirtConnection, dom: Domain): Promise<unknown> =>
  connection.call(remote.domainAgentSetResponseTimeout, { dom, timeout: answerTimeoutSeconds, flags: 0 })
