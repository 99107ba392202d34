import { createPlaces } from '#worker/places.ts'
import { agentError, failedFor } from '../agent/errors.ts'
import { findDomain } from '../domain.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { Domain } from '../rpc/protocol.gen.ts'

/** A guest in the one run in which it was frozen. */
export interface FrozenRun {
  vmId: string
  /** libvirt's number of the run. */
  domainId: number
}

/**
 * Where all wait who thaw a guest that may be frozen, or ask whether it is. Guests whose agents did not answer the last
 * time have a lane of their own, and hold up each other alone.
 */
export interface ThawLine {
  /** Asks something of the guest. Resolves to null where that run of its VM has ended. */
  ask<T>(run: FrozenRun, work: (connection: LibvirtConnection, dom: Domain) => Promise<T>): Promise<T | null>
  /** Ends what goes on. */
  close(): void
}

/** libvirtd has 20 workers for all calls, and one that waits for an agent that hangs keeps one for 5 to 10 s. */
const answeringPlaces = 12
const silentPlaces = 3

/** Each question has a connection of its own: of a shared one libvirtd reads no further while five calls hang. */
export function createThawLine(connect: () => Promise<LibvirtConnection>): ThawLine {
  const lanes = { answering: createPlaces(answeringPlaces), silent: createPlaces(silentPlaces) }
  const silent = new Set<string>()
  const closing = new AbortController()

  async function askOnce<T>(
    connection: LibvirtConnection,
    { vmId, domainId }: FrozenRun,
    work: (connection: LibvirtConnection, dom: Domain) => Promise<T>,
  ): Promise<T | null> {
    const close = () => connection.close()
    closing.signal.addEventListener('abort', close, { once: true })
    try {
      closing.signal.throwIfAborted()
      const dom = await findDomain(connection, vmId)
      const answer = dom?.id === domainId ? await work(connection, dom) : null
      silent.delete(vmId)
      return answer
    } catch (error) {
      if (failedFor(agentError(error), 'GUEST_AGENT_NOT_RESPONDING')) silent.add(vmId)
      else silent.delete(vmId)
      throw error
    } finally {
      closing.signal.removeEventListener('abort', close)
      close()
    }
  }

  return {
    async ask(run, work) {
      const lane = silent.has(run.vmId) ? lanes.silent : lanes.answering
      await lane.take(closing.signal)
      try {
        return await askOnce(await connect(), run, work)
      } finally {
        lane.give()
      }
    },
    close: () => closing.abort(),
  }
}
