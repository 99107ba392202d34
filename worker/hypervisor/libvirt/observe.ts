import type { VmObservation } from '#worker/hypervisor/port.ts'
import { findDomain, type LibvirtState, readInactiveXml, readState, stateOf } from './domain.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { ConnectListAllDomainsFlags, DomainStatsTypes } from './rpc/constants.gen.ts'
import { unlessNotFound } from './rpc/errors.ts'
import { type Domain, remote } from './rpc/protocol.gen.ts'
import type { Run, Runs } from './runs.ts'
import { stateIn, statsOf } from './stats.ts'
import { readDomain } from './xml/read-domain.ts'

interface Deps {
  connection: LibvirtConnection
  runs: Runs
}

/** Definitions read at a time: libvirtd takes five calls of a connection, and others want to be heard too. */
const concurrency = 3

/** The VM as libvirt has it now; null where it has none. */
export async function observeVm({ connection, runs }: Deps, vmId: string): Promise<VmObservation | null> {
  const dom = await findDomain(connection, vmId)
  if (!dom) return null
  const read = () => Promise.all([runs.read(dom), isPersistent(connection, dom)])
  return unlessNotFound(readState(connection, dom).then((state) => observation(dom, state, read)))
}

/** Every domain that there is. The state alone needs no QEMU to answer. */
export async function observeVms({ connection, runs }: Deps): Promise<VmObservation[]> {
  const [{ retStats }, { domains: transient }] = await Promise.all([
    connection.call(remote.connectGetAllDomainStats, { doms: [], stats: DomainStatsTypes.STATE, flags: 0 }),
    connection.call(remote.connectListAllDomains, { needResults: 1, flags: ConnectListAllDomainsFlags.TRANSIENT }),
  ])
  const undefinedIds = new Set(transient.map(({ uuid }) => uuid))
  const there: VmObservation[] = []
  const records = retStats.values()
  const lookInTurn = async () => {
    for (const { dom, params } of records) {
      const read = async () => [await runs.known(dom), !undefinedIds.has(dom.uuid)] as const
      const one = await unlessNotFound(observation(dom, stateIn(statsOf(params)), read))
      if (one) there.push(one)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lookInTurn))
  runs.keepOnly(new Set(there.map(({ vmId }) => vmId)))
  return there
}

/** The addresses of a VM's network cards, in the order of its definition. */
export async function findMacs(connection: LibvirtConnection, vmId: string): Promise<string[] | null> {
  const dom = await findDomain(connection, vmId)
  return dom && readDomain(await readInactiveXml(connection, dom)).nics.map(({ mac }) => mac)
}

/** `read` says of one that is on how it runs, and whether it is defined. */
async function observation(
  dom: Domain,
  libvirtState: LibvirtState,
  read: () => Promise<readonly [Run, boolean]>,
): Promise<VmObservation> {
  const vmId = dom.uuid
  const state = stateOf(libvirtState)
  if (state.state === 'STOPPED') return { vmId, ...state, definedOnNode: true, ...notRunning }
  const [run, definedOnNode] = await read()
  return { vmId, ...state, definedOnNode, ...factsOf(run) }
}

export const notRunning = { runId: null, effectiveCpu: null, runningSpec: null, guestAgentConnected: null }

/** What is observed of a run. */
export const factsOf = ({ runId, effectiveCpu, runningSpec, guestAgentConnected }: Run) => ({
  runId,
  effectiveCpu,
  runningSpec,
  guestAgentConnected,
})

const isPersistent = async (connection: LibvirtConnection, dom: Domain): Promise<boolean> =>
  (await connection.call(remote.domainIsPersistent, { dom })).persistent === 1
