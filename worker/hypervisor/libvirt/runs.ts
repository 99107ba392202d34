import type { VmObservation } from '#worker/hypervisor/port.ts'
import { readLiveXml } from './domain.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import type { Domain } from './rpc/protocol.gen.ts'
import { readDomain } from './xml/read-domain.ts'

/** What the live definition of a running VM says. */
export interface Run extends Pick<VmObservation, 'effectiveCpu' | 'runningSpec' | 'guestAgentConnected'> {
  runId: string
  /** The address of each network card, by the name that its node has for it. */
  macs: ReadonlyMap<string, string>
}

/** Remembers what live definitions say, so that each is read once for each start. */
export interface Runs {
  /** As it was read the last time. */
  known(dom: Domain): Promise<Run>
  /** As it is now. */
  read(dom: Domain): Promise<Run>
  /** Forgets all others. */
  keepOnly(vmIds: ReadonlySet<string>): void
  stop(): void
}

/** `bootId` is the machine's: libvirt counts the starts of its domains anew after a boot. */
export async function rememberRuns(connection: LibvirtConnection, bootId: string): Promise<Runs> {
  const runs = new Map<string, Run>()
  /** Grows with all that makes a definition that is just being read one of the past. */
  let changes = 0
  const forget = (vmId: string) => {
    changes++
    runs.delete(vmId)
  }
  // Who is connected is in the definition alone.
  const stopAgentEvents = await connection.onDomainEvent('agentLifecycle', ({ dom }) => forget(dom.uuid))
  const stopStates = connection.onStateChange(() => {
    changes++
    runs.clear()
  })
  const runIdOf = ({ id }: Domain) => `${bootId}/${id}`

  async function read(dom: Domain): Promise<Run> {
    const before = changes
    const { cpu, spec, nics, guestAgentConnected } = readDomain(await readLiveXml(connection, dom))
    const run = {
      runId: runIdOf(dom),
      effectiveCpu: cpu,
      runningSpec: spec,
      macs: new Map(nics.map(({ device, mac }) => [device, mac])),
      guestAgentConnected,
    }
    if (changes === before) runs.set(dom.uuid, run)
    return run
  }

  return {
    read,
    async known(dom) {
      const known = runs.get(dom.uuid)
      return known?.runId === runIdOf(dom) ? known : read(dom)
    },
    keepOnly(vmIds) {
      for (const vmId of runs.keys()) if (!vmIds.has(vmId)) runs.delete(vmId)
    },
    stop() {
      stopAgentEvents()
      stopStates()
    },
  }
}
