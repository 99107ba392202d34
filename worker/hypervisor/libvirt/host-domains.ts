import path from 'node:path'
import type { HostDomain, HostDomainCalls } from '#worker/hypervisor/host-domain.ts'
import { isOfDisk } from '#worker/hypervisor/storage-names.ts'
import { readInactiveXml } from './domain.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { DomainEventType, ConnectListAllDomainsFlags as ListFlags } from './rpc/constants.gen.ts'
import { isLibvirtError, LibvirtConnectionError, unlessNotFound } from './rpc/errors.ts'
import { type Domain, remote } from './rpc/protocol.gen.ts'
import type { StoragePool } from './storage-pool.ts'
import { find, readXml } from './xml/read.ts'
import { readHostDrives, readWrittenPlaces } from './xml/read-host-drives.ts'
import { specFromDefinition } from './xml/read-spec.ts'

interface Deps {
  connection: LibvirtConnection
  /** For calls that may hang on a disk. */
  slowConnection: LibvirtConnection
  pool: StoragePool
  /** Absolute. */
  imagesDirectory: string
}

type FromDefinition = Pick<
  HostDomain,
  'description' | 'spec' | 'unmanaged' | 'drives' | 'tscFrequencyHz' | 'writesTo' | 'sharesDiskWith'
>
type FromLists = Pick<HostDomain, 'state' | 'persistent' | 'autostart' | 'managedSave' | 'hasSnapshots'>

/** libvirt does not tell of every change of a definition: not of one by `virsh attach-device --config` (seen on 9.0). */
const rereadMs = 600_000
/** At the same time: libvirtd takes five calls of a connection, and others want to be heard too. */
const readsTogether = 5

/** The domains of the node. A definition is read when it is new, when libvirt tells of a change, and now and then. */
export async function watchHostDomains(deps: Deps): Promise<HostDomainCalls & { stop(): void }> {
  const { connection } = deps
  const known = new Map<string, { definition: FromDefinition; readAtMs: number }>()
  /** Grows with all that makes a definition that is just being read one of the past. */
  let changes = 0

  const stopEvents = await connection.onDomainEvent('lifecycle', ({ dom, event }) => {
    if (event !== DomainEventType.DEFINED && event !== DomainEventType.UNDEFINED) return
    changes++
    known.delete(dom.uuid)
  })
  // What was changed while nobody listened is not told of.
  const stopStates = connection.onStateChange(() => {
    changes++
    known.clear()
  })

  async function definitionOf(dom: Domain): Promise<FromDefinition> {
    const earlier = known.get(dom.uuid)
    if (earlier && Date.now() - earlier.readAtMs < rereadMs) return earlier.definition
    const before = changes
    const readAtMs = Date.now()
    const definition = await readDefinition(deps, dom)
    if (changes === before) known.set(dom.uuid, { definition, readAtMs })
    return definition
  }

  return {
    async listHostDomains(except) {
      const { domains, factsOf } = await listDomains(connection)
      const others = domains.filter(({ uuid }) => !except.has(uuid))
      const uuids = new Set(others.map(({ uuid }) => uuid))
      for (const uuid of known.keys()) if (!uuids.has(uuid)) known.delete(uuid)
      const listed: HostDomain[] = []
      for (let first = 0; first < others.length; first += readsTogether) {
        const together = others.slice(first, first + readsTogether).map(async (dom) => {
          const definition = await unlessNotFound(definitionOf(dom))
          return definition ? [{ id: dom.uuid, name: dom.name, ...factsOf(dom), ...definition }] : []
        })
        listed.push(...(await Promise.all(together)).flat())
      }
      return listed
    },

    async readHostDomain(domainId) {
      const { domains, factsOf } = await listDomains(connection)
      const dom = domains.find(({ uuid }) => uuid === domainId)
      const definition = dom && (await unlessNotFound(readDefinition(deps, dom)))
      if (!definition) return null
      const { spec } = definition
      const disks = await Promise.all(
        spec.disks.map(async (disk) => ({ ...disk, ...(await readSize(deps, dom, disk)) })),
      )
      return { id: domainId, name: dom.name, ...factsOf(dom), ...definition, spec: { ...spec, disks } }
    },

    stop() {
      stopEvents()
      stopStates()
    },
  }
}

/** All domains, and what libvirt can say of all of them at once. */
async function listDomains(connection: LibvirtConnection) {
  const list = async (flags: number) =>
    (await connection.call(remote.connectListAllDomains, { needResults: 1, flags })).domains
  const uuidsOf = async (flags: number) => new Set((await list(flags)).map(({ uuid }) => uuid))
  const [domains, active, paused, persistent, autostart, managedSave, hasSnapshots] = await Promise.all([
    list(0),
    uuidsOf(ListFlags.ACTIVE),
    uuidsOf(ListFlags.PAUSED),
    uuidsOf(ListFlags.PERSISTENT),
    uuidsOf(ListFlags.AUTOSTART),
    uuidsOf(ListFlags.MANAGEDSAVE),
    uuidsOf(ListFlags.HAS_SNAPSHOT),
  ])
  const factsOf = ({ uuid }: Domain): FromLists => ({
    state: paused.has(uuid) ? 'PAUSED' : active.has(uuid) ? 'RUNNING' : 'STOPPED',
    persistent: persistent.has(uuid),
    autostart: autostart.has(uuid),
    managedSave: managedSave.has(uuid),
    hasSnapshots: hasSnapshots.has(uuid),
  })
  return { domains, factsOf }
}

async function readDefinition({ connection, pool, imagesDirectory }: Deps, dom: Domain): Promise<FromDefinition> {
  const domain = readXml(await readInactiveXml(connection, dom))
  const isIn = (directory: string, file: string) => path.dirname(file) === directory
  const writesTo = readWrittenPlaces(domain)
  return {
    description: find(domain, 'description')?.text ?? '',
    ...specFromDefinition(domain, {
      isOwn: (file, target) => isIn(pool.directory, file) && isOfDisk(path.basename(file), dom.uuid, target),
      imageName: (file) => (isIn(imagesDirectory, file) ? path.basename(file) : null),
    }),
    drives: readHostDrives(domain),
    writesTo,
    sharesDiskWith: otherOwners(
      writesTo.filter((file) => isIn(pool.directory, file)),
      dom.uuid,
    ),
  }
}

/** The VMs by whose ids these files of the pool are named, but for that one. */
const otherOwners = (files: readonly string[], domainId: string): string[] => {
  const owners = files.flatMap(
    (file) => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?=\.)/.exec(path.basename(file)) ?? [],
  )
  return [...new Set(owners)].filter((owner) => owner !== domainId)
}

const gib = 2 ** 30
const sizeTimeoutMs = 10_000

/** Nothing where it is no whole number of GiB, or cannot be read. */
async function readSize(
  { slowConnection }: Deps,
  dom: Domain,
  { target }: { target: string },
): Promise<{ sizeGib?: number }> {
  try {
    const args = { dom, path: target, flags: 0 }
    const { capacity } = await slowConnection.call(remote.domainGetBlockInfo, args, { timeoutMs: sizeTimeoutMs })
    const sizeGib = Number(capacity) / gib
    return Number.isInteger(sizeGib) && sizeGib > 0 ? { sizeGib } : {}
  } catch (error) {
    const isSlow = error instanceof LibvirtConnectionError && error.reason === 'deadline'
    if (isSlow || isLibvirtError(error)) return {}
    throw error
  }
}
