import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import { createPlaces, type Places } from '#worker/places.ts'
import { askAgent } from '../guest-agent.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import { agentError, failedFor } from './errors.ts'
import { createLane } from './lane.ts'

export interface AgentCommand {
  execute: string
  args?: object
  /** A healthy agent answers most within milliseconds; 5 when left out. */
  timeoutSeconds?: number
}

/**
 * Where all wait who want something of a guest's agent. An agent answers one call at a time, and each call keeps one of
 * libvirtd's few workers until it is answered: so one call of a VM goes on at a time, few of all VMs, in the order in
 * which they came. Agents that did not answer the last time have a lane of their own, and hold up each other alone.
 */
export interface AgentLine {
  /** One command, and its answer. Throws what the port promises of calls to agents. */
  ask(dom: Domain, command: AgentCommand, signal: AbortSignal): Promise<unknown>
  /** Any call of libvirt's that talks to the agent; what it answers after the time is dropped. */
  call<T>(dom: Domain, work: AgentWork<T>, withinSeconds: number, signal: AbortSignal): Promise<T>
}

type AgentWork<T> = (connection: LibvirtConnection) => Promise<T>

/** Of each connection: libvirtd takes five calls of one at a time, and has 20 workers for all. */
const answeringPlaces = 4
const silentPlaces = 3
const answerTimeoutSeconds = 5
/** libvirt asks an agent whether it listens, for so long, before it asks anything else. */
const syncSeconds = 5
const turnWithinSeconds = 20
const msPerSecond = 1000

/** The connections are for calls to agents: some for those that answer, one for those that did not. */
export function agentLine(answering: readonly LibvirtConnection[], silent: LibvirtConnection): AgentLine {
  const lanes = {
    answering: createLane(answering, answeringPlaces),
    silent: createLane([silent], silentPlaces),
  }
  /** Since when agents do not answer, ms. */
  const silentSince = new Map<string, number>()
  const turns = new Map<string, Places>()

  async function takeTurn(vmId: string, patience: AbortSignal) {
    const turn = turns.get(vmId) ?? createPlaces(1)
    turns.set(vmId, turn)
    const giveTurn = () => {
      turn.give()
      if (turn.free > 0) turns.delete(vmId)
    }
    const askedAt = performance.now()
    await turn.take(patience)
    const silent = silentSince.get(vmId)
    // It did not answer who stood before us in the line.
    if (silent !== undefined && silent > askedAt) {
      giveTurn()
      throw notResponding()
    }
    const lane = silent === undefined ? lanes.answering : lanes.silent
    try {
      const { connection, give } = await lane.take(patience)
      return {
        connection,
        give() {
          give()
          giveTurn()
        },
      }
    } catch (error) {
      giveTurn()
      throw error
    }
  }

  async function call<T>(dom: Domain, work: AgentWork<T>, withinSeconds: number, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    const tooLong = AbortSignal.timeout(turnWithinSeconds * msPerSecond)
    const { connection, give } = await takeTurn(dom.uuid, AbortSignal.any([signal, tooLong])).catch((error) => {
      throw error === tooLong.reason ? busy() : error
    })
    const answer = work(connection).then(
      (value) => {
        silentSince.delete(dom.uuid)
        return value
      },
      (cause) => {
        const error = agentError(cause)
        if (failedFor(error, 'GUEST_AGENT_NOT_RESPONDING')) silentSince.set(dom.uuid, performance.now())
        else silentSince.delete(dom.uuid)
        throw error
      },
    )
    // What nobody waits for any more keeps the agent and libvirtd busy all the same.
    return orLeave(answer.finally(give), syncSeconds + withinSeconds, signal)
  }

  return {
    call,
    ask: (dom, { execute, args, timeoutSeconds = answerTimeoutSeconds }, signal) =>
      call(dom, (connection) => askAgent(connection, dom, execute, timeoutSeconds, args), timeoutSeconds, signal),
  }
}

/** The answer, unless it does not come within the time and a second, or its caller leaves. */
async function orLeave<T>(answer: Promise<T>, seconds: number, signal: AbortSignal): Promise<T> {
  const answered = new AbortController()
  const late = sleep((seconds + 1) * msPerSecond, null, { signal: AbortSignal.any([signal, answered.signal]) }).then(
    () => {
      throw notResponding()
    },
    () => {
      throw signal.reason
    },
  )
  try {
    return await Promise.race([answer, late])
  } finally {
    answered.abort()
  }
}

const notResponding = () =>
  new AppError('deadline_exceeded', 'The guest agent did not answer in time. What was asked of it may have happened.', {
    reason: 'GUEST_AGENT_NOT_RESPONDING',
  })

const busy = () =>
  new AppError('unavailable', 'Too many calls wait for guest agents. Try again.', { reason: 'GUEST_AGENT_BUSY' })
