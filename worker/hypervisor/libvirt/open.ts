import path from 'node:path'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import type { UserIds } from './access.ts'
import { agentCalls } from './agent/calls.ts'
import { agentLine } from './agent/line.ts'
import { changeSpec } from './change-spec.ts'
import { type Connections, openConnections } from './connections.ts'
import { findDisplay } from './console.ts'
import { findKvmProblem, probeCpuModes } from './cpu-probe.ts'
import { cachedProbe, readBootId } from './cpu-probe-cache.ts'
import { defineVm, undefineVm } from './define.ts'
import { deviceCalls } from './devices/calls.ts'
import { createDisk, deleteVmFiles } from './disks.ts'
import { requireDomain } from './domain.ts'
import { translateError } from './errors.ts'
import { watchVms } from './events.ts'
import { quiesceCalls, requireNotHeld } from './freeze/calls.ts'
import { openHolds } from './freeze/open-holds.ts'
import { createThawLine } from './freeze/thaw-line.ts'
import { correctClock } from './guest-clock.ts'
import { explainHalfStarted } from './half-started.ts'
import { watchHostDomains } from './host-domains.ts'
import { hotplugVm } from './hotplug.ts'
import { findImageUsers } from './image-users.ts'
import { imagesIn } from './images.ts'
import { findDisks, keepVolume } from './kept-disks.ts'
import { requireNoLostQemu } from './lost-qemu.ts'
import { measureVms } from './measure.ts'
import { describeNode, readVersions } from './node.ts'
import { findMacs, observeVm, observeVms } from './observe.ts'
import type { LibvirtOptions } from './options.ts'
import { pauseVm, resumeVm } from './pause.ts'
import { requireReachable } from './pool-access.ts'
import { destroyVm, requestShutdown, startVm } from './power.ts'
import { defaultLogDirectory, readLog } from './qemu-log.ts'
import { readGuest } from './read-guest.ts'
import { requestReboot, resetVm } from './reboot.ts'
import { connectLibvirt, type LibvirtConnection } from './rpc/connection.ts'
import { remote } from './rpc/protocol.gen.ts'
import { rememberRuns } from './runs.ts'
import { ensureSeed } from './seed.ts'
import { snapshotCalls } from './snapshot/calls.ts'
import { letAllGoOn } from './snapshot/hold-still.ts'
import { snapshotJournal } from './snapshot/journal.ts'
import { reclaimJournal } from './snapshot/reclaim-journal.ts'
import { revertJournal } from './snapshot/revert-journal.ts'
import { createSettlements } from './snapshot/settle.ts'
import { storageCalls } from './storage/calls.ts'
import { poolRecords } from './storage/pool-records.ts'
import { requireOwnPool, storagePool } from './storage-pool.ts'
import { vmLocks } from './vm-locks.ts'
import { readCapabilities } from './xml/read-capabilities.ts'

/**
 * The hypervisor of a real node. Throws `unavailable` where libvirt cannot be reached, and `failed_precondition` where
 * the pool cannot be used.
 */
export async function openLibvirtHypervisor(options: LibvirtOptions): Promise<Hypervisor> {
  const connections = await translated(openConnections(options.uri))
  try {
    return await translated(openOn(connections, options))
  } catch (error) {
    connections.close()
    throw error
  }
}

async function openOn(connections: Connections, options: LibvirtOptions): Promise<Hypervisor> {
  const { connection, slowConnection, guestConnection, agentConnections, poolConnection } = connections
  const { nodeId, stateDirectory, cpuFeatures, log } = options
  const logDirectory = options.logDirectory ?? defaultLogDirectory(options.uri)
  const qemuUser = await readQemuUser(connection)
  const poolPath = path.resolve(options.poolDirectory)
  const wantedPool = { name: `quantix-${nodeId.slice(0, 8)}`, path: poolPath }
  await requireReachable(qemuUser, poolPath)
  await requireOwnPool(connection, wantedPool)

  const pool = storagePool(connection, wantedPool)
  const imagesDirectory = path.resolve(options.imagesDirectory)
  const images = imagesIn(imagesDirectory, qemuUser)
  const journal = snapshotJournal(stateDirectory)
  const reverts = revertJournal(stateDirectory)
  const reclaims = reclaimJournal(stateDirectory)
  const runs = await rememberRuns(connection, await readBootId())
  const events = await watchVms(connection, log)
  const hostDomains = await watchHostDomains({ connection, slowConnection, pool, imagesDirectory })
  const probe = remembered(() => probeNode(connection, options, qemuUser))
  const thawLine = createThawLine(() => connectLibvirt(options.uri))
  const settlements = createSettlements({ connection, thawLine, pool, journal, log })
  const line = agentLine(agentConnections, guestConnection)
  const ofVm = <T>(vmId: string, work: Promise<T>) =>
    translated(
      work.catch(async (error) => {
        throw await explainHalfStarted(connection, vmId, error)
      }),
    )
  const agents = agentCalls({ connection, line }, ofVm)
  const execute = agents.executeInGuest
  const holds = await openHolds({ connection, thawLine, stateDirectory, events, execute, log })
  const deps = {
    connect: () => connectLibvirt(options.uri),
    connection,
    slowConnection,
    pool,
    journal,
    settlements,
    holds,
    execute,
    reverts,
    reclaims,
    log,
    nodeId,
    images,
    cpuFeatures,
    probeCpuModes: probe,
  }
  await settlements.settleAll()
  await letAllGoOn(deps)

  const locks = vmLocks()
  const alone = <T>(vmId: string, work: () => Promise<T>) => ofVm(vmId, locks.exclusive(vmId, work))

  /** What libvirt would let through while a QEMU runs that it has lost. */
  const unlessLost = async <T>(vmId: string, work: () => Promise<T>) => {
    await requireNoLostQemu(deps, vmId)
    return work()
  }

  return {
    kind: 'libvirt',
    describeNode: () => translated(describeNode(connection, pool)),
    probeCpuModes: () => translated(probe()),
    observeVm: (vmId) => translated(observeVm({ connection, runs }, vmId)),
    observeVms: () => translated(observeVms({ connection, runs })),
    measureVms: (vmIds) => translated(measureVms(guestConnection, runs, vmIds)),
    readGuest: (vmId, signal) => translated(readGuest({ connection, runs, line }, vmId, signal)),
    findDisplay: (vmId) => translated(findDisplay(connection, vmId)),
    readLog: (vmId, lines) => translated(readLog({ connection, directory: logDirectory }, vmId, lines)),
    findMacs: (vmId) => translated(findMacs(connection, vmId)),
    createDisk: (disk) => translated(createDisk(deps, disk)),
    ensureSeed: (seed) => translated(ensureSeed({ pool, qemuUser }, seed)),
    deleteVmFiles: (vmId) => alone(vmId, () => unlessLost(vmId, () => deleteVmFiles(deps, vmId))),
    defineVm: (vm) => translated(defineVm(deps, vm)),
    changeSpec: (before, after) => alone(after.vmId, () => changeSpec(deps, before, after)),
    hotplugVm: (vm) => alone(vm.vmId, () => hotplugVm(deps, vm)),
    undefineVm: (vmId, options) => alone(vmId, () => unlessLost(vmId, () => undefineVm(connection, vmId, options))),
    startVm: (vmId) =>
      ofVm(
        vmId,
        unlessLost(vmId, () => startVm(slowConnection, vmId)),
      ),
    // A guest that is frozen cannot do it.
    requestShutdown: (vmId) =>
      ofVm(
        vmId,
        holds.release(vmId).then(() => requestShutdown(slowConnection, vmId)),
      ),
    destroyVm: (vmId) => ofVm(vmId, destroyVm(connection, vmId)),
    requestReboot: (vmId) =>
      ofVm(
        vmId,
        holds.release(vmId).then(() => requestReboot(slowConnection, vmId)),
      ),
    resetVm: (vmId) => ofVm(vmId, resetVm(connection, vmId)),
    // Alone: a merge, too, lets the guest stand still and go on.
    pauseVm: (vmId) =>
      alone(vmId, async () => {
        await requireNotHeld(holds, vmId)
        await pauseVm(connection, vmId)
      }),
    resumeVm: (vmId) => alone(vmId, () => resumeVm(connection, vmId)),
    correctClock: (vmId) =>
      translated(requireDomain(connection, vmId).then((dom) => correctClock(slowConnection, dom, 'it was paused'))),
    findDisks: (vmId) => translated(findDisks(deps, vmId)),
    keepVolume: (vmId, from, to) => alone(vmId, () => unlessLost(vmId, () => keepVolume(deps, vmId, from, to))),
    ...deviceCalls(deps, alone, unlessLost),
    ...agents,
    ...quiesceCalls(deps, { ofVm, alone }),
    ...storageCalls({ ...deps, ...poolRules(options), poolConnection, qemuUser }),
    findImageUsers: (image) => translated(findImageUsers({ connection, pool, imagesDirectory }, image)),
    ...snapshotCalls(deps, { ofVm, alone, unlessLost, locks }),
    listHostDomains: (except) => translated(hostDomains.listHostDomains(except)),
    readHostDomain: (domainId) => translated(hostDomains.readHostDomain(domainId)),
    onVmEvent: (listener) => events.listen(listener),
    onEventsLost: (listener) => events.listenForLoss(listener),
    async close() {
      await holds.close()
      events.stop()
      hostDomains.stop()
      runs.stop()
      settlements.close()
      thawLine.close()
      connections.close()
    },
  }
}

/** Where storage pools are, and where not. */
function poolRules({ stateDirectory, poolDirectory, poolDirectories, imagesDirectory }: LibvirtOptions) {
  const taken = [
    { directory: path.resolve(poolDirectory), owner: "the worker's own pool" },
    { directory: path.resolve(imagesDirectory), owner: "the node's images" },
  ]
  const mountDirectory = path.join(stateDirectory, 'mounts')
  return { records: poolRecords(stateDirectory), poolDirectories, mountDirectory, taken }
}

async function translated<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw translateError(error)
  }
}

/** Asks once; a failure is forgotten, so that the next caller asks again. */
function remembered<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null
  return () => {
    answer ??= ask().catch((error) => {
      answer = null
      throw error
    })
    return answer
  }
}

/** A session daemon says nothing: its QEMU runs as whoever runs it, which is who may talk to it. */
async function readQemuUser(connection: LibvirtConnection): Promise<UserIds> {
  const { capabilities } = await connection.call(remote.connectGetCapabilities, {})
  return readCapabilities(capabilities).qemuUser ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
}

async function probeNode(connection: LibvirtConnection, options: LibvirtOptions, qemuUser: UserIds) {
  const { virtType, cpuFeatures, stateDirectory } = options
  const kvmProblem = await findKvmProblem(qemuUser)
  const key = {
    ...(await readVersions(connection)),
    bootId: await readBootId(),
    virtType,
    cpuFeatures: JSON.stringify(cpuFeatures),
    kvmProblem,
  }
  return cachedProbe(stateDirectory, key, () => probeCpuModes({ ...options, connection, kvmProblem }))
}
