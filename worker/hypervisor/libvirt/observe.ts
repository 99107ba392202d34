import type { VmObservation } from '#worker/hypervisor/port.ts'
import { findDomain, type LibvirtState, readLiveXml, readState, stateOf } from './domain.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { ConnectListAllDomainsFlags, DomainStatsTypes } from './rpc/constants.gen.ts'
import { isNotFound } from './rpc/errors.ts'
import { type Domain, type DomainStatsRecord, remote } from './rpc/protocol.gen.ts'
import { numberIn } from './stats.ts'
import { readDomain } from './xml/read-domain.ts'

/** Looks at the node's domains. */
export interface VmObserver {
  /** Null where libvirt has none. */
  observeVm(vmId: string): Promise<VmObservation | null>
  observeVms(): Promise<VmObservation[]>
  stop(): void
}

/** What is read of a live definition: once for each start, and whenever the one VM is looked at. */
type Run = Pick<VmObservation, 'runId' | 'effectiveCpu' | 'runningSpec' | 'guestAgentConnected'>

/** Definitions read at a time: libvirtd takes five calls of a connection, and others want to be heard too. */
const concurrency = 3

/** `bootId` is the machine's: libvirt counts the starts of its domains anew after a boot. */
export async function observeDomains(connection: LibvirtConnection, bootId: string): Promise<VmObserver> {
  const runs = new Map<string, Run>()
  /** Grows with all that makes a definition that is just being read one of the past. */
  let changes = 0
  const forget = (vmId: string) => {
    changes++
    runs.delete(vmId)
  }
  const stopAgentEvents = await connection.onDomainEvent('agentLifecycle', ({ dom }) => forget(dom.uuid))
  const stopStates = connection.onStateChange(() => {
    changes++
    runs.clear()
  })

  const runIdOf = ({ id }: Domain) => `${bootId}/${id}`

  async function readRun(dom: Domain): Promise<Run> {
    const before = changes
    const { cpu, spec, guestAgentConnected } = readDomain(await readLiveXml(connection, dom))
    const run = { runId: runIdOf(dom), effectiveCpu: cpu, runningSpec: spec, guestAgentConnected }
    if (changes === before) runs.set(dom.uuid, run)
    return run
  }

  /** As it was read the last time; a start, and its guest agent's coming and going, make it be read again. */
  async function knownRun(dom: Domain): Promise<Run> {
    const known = runs.get(dom.uuid)
    return known?.runId === runIdOf(dom) ? known : readRun(dom)
  }

  async function observed(
    dom: Domain,
    libvirtState: LibvirtState,
    definedOnNode: () => boolean | Promise<boolean>,
    read: (dom: Domain) => Promise<Run>,
  ): Promise<VmObservation | null> {
    try {
      const state = stateOf(libvirtState)
      if (state.state === 'STOPPED') return { vmId: dom.uuid, ...state, definedOnNode: true, ...notRunning }
      const [defined, run] = await Promise.all([definedOnNode(), read(dom)])
      return { vmId: dom.uuid, ...state, definedOnNode: defined, ...run }
    } catch (error) {
      // It went away between the calls.
      if (isNotFound(error)) return null
      throw error
    }
  }

  const isPersistent = async (dom: Domain): Promise<boolean> =>
    (await connection.call(remote.domainIsPersistent, { dom })).persistent === 1

  return {
    async observeVm(vmId) {
      try {
        const dom = await findDomain(connection, vmId)
        return dom && (await observed(dom, await readState(connection, dom), () => isPersistent(dom), readRun))
      } catch (error) {
        if (isNotFound(error)) return null
        throw error
      }
    },
    async observeVms() {
      // The state alone needs no QEMU to answer.
      const [{ retStats }, { domains: transient }] = await Promise.all([
        connection.call(remote.connectGetAllDomainStats, { doms: [], stats: DomainStatsTypes.STATE, flags: 0 }),
        connection.call(remote.connectListAllDomains, { needResults: 1, flags: ConnectListAllDomainsFlags.TRANSIENT }),
      ])
      const undefinedIds = new Set(transient.map(({ uuid }) => uuid))
      const there: VmObservation[] = []
      const records = retStats.values()
      const lookInTurn = async () => {
        for (const record of records) {
          const isDefined = !undefinedIds.has(record.dom.uuid)
          const one = await observed(record.dom, stateIn(record), () => isDefined, knownRun)
          if (one) there.push(one)
        }
      }
      await Promise.all(Array.from({ length: concurrency }, lookInTurn))
      const ids = new Set(there.map(({ vmId }) => vmId))
      for (const vmId of runs.keys()) if (!ids.has(vmId)) runs.delete(vmId)
      return there
    },
    stop() {
      stopAgentEvents()
      stopStates()
    },
  }
}

const notRunning = { runId: null, effectiveCpu: null, runningSpec: null, guestAgentConnected: null }

function stateIn({ params }: DomainStatsRecord): LibvirtState {
  return { state: numberIn(params, 'state.state') ?? -1, reason: numberIn(params, 'state.reason') ?? -1 }
}
