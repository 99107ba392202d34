import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { findNode, heartbeat, registerNode, updateNode } from '#db/nodes.ts'
import type { Claimant } from '#db/operations/claim.ts'
import { listenForRings } from '#db/operations/listen.ts'
import type { QueueConfig } from '#db/operations/queue.ts'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import type { DaemonServer } from './daemon/server.ts'
import type { Hypervisor } from './hypervisor/port.ts'
import type { ImageStore } from './images/image-store.ts'
import { createDiskChecks } from './node/disk-checks.ts'
import { adoptDrawnMacs } from './node/drawn-macs.ts'
import { createGuestReports } from './node/guest-reports.ts'
import { createHostDomains } from './node/host-domains.ts'
import { createImageCatalogue } from './node/image-catalogue.ts'
import { askedInDatabase, createLateUnplugs } from './node/late-unplugs.ts'
import { createObserver } from './node/observer.ts'
import { createStorageReport } from './node/storage-report.ts'
import { createUsageSamples } from './node/usage-samples.ts'
import type { ExecuteDependencies } from './operations/execute.ts'
import { createExecutor, type Executor } from './operations/executor.ts'
import { repeat, untilItSucceeds, withinDeadline } from './repeat.ts'

export interface WorkerDependencies {
  nodeId: string
  /** `host:port` where the control plane reaches this node's daemon; null where it does not. */
  daemonAddress: string | null
  db: Database
  queue: QueueConfig
  hypervisor: Hypervisor
  images: ImageStore
  secretBox: SecretBox
  health: Pick<DaemonServer, 'setServing'>
  log: Logger
  /** Called when a newer worker has the node: there is nothing left to do here. */
  onSuperseded(): void
  /** Called with each operation that has succeeded. */
  onSuccess?: ExecuteDependencies['onSuccess'] | undefined
  /** Tests make faults of it. */
  at?: ExecuteDependencies['at'] | undefined
}

export interface RunningWorker extends Claimant {
  executor: Pick<Executor, 'wake' | 'current'>
  /** Puts down what runs, so that the next worker goes on with it; takes at most 3 s. Closes nothing that it was given. */
  close(): Promise<void>
}

/** Operations that work at the same time; starting a VM is QEMU's and libvirt's work, not ours. */
const concurrency = 8

const pollMs = 5000
const heartbeatMs = 5000
/** What no event tells of is found within it. */
const observeMs = 30_000
const sampleUsageMs = 30_000
const askGuestsMs = 60_000
/** A node without a heartbeat for 30 s is silent, and its VMs are unknown. */
const maybeSilentMs = 25_000
/** A check may take half as long again to get through: what is out of step is found within 10 s. */
const checkDisksMs = 6000
const lookAtHostDomainsMs = 30_000
const lookAtImagesMs = 30_000
const reportStorageMs = 30_000
/** Finds nothing to do, but after a look. */
const hashImagesMs = 5000
const closeMs = 3000

/**
 * Takes the node over and begins: with what the worker before left, what is rung for, and what it finds by itself.
 * Waits for Postgres and the hypervisor as long as it takes.
 */
export async function startWorker(dependencies: WorkerDependencies, signal: AbortSignal): Promise<RunningWorker> {
  const { db, hypervisor, health, log } = dependencies
  const claimant = await takeNodeOver(dependencies, signal)

  const closing = new AbortController()
  const loop = { signal: closing.signal, log }
  const observer = createObserver({ db, hypervisor, claimant, log })
  const guests = createGuestReports({ db, hypervisor, claimant, log })
  const usage = createUsageSamples({ db, hypervisor, claimant })
  const lateUnplugs = createLateUnplugs({ devices: askedInDatabase(db, claimant), hypervisor, log })
  const diskChecks = createDiskChecks({ db, hypervisor, claimant, log })
  const hostDomains = createHostDomains({ db, hypervisor, claimant, log })
  const images = createImageCatalogue({ db, directory: dependencies.images.directory, claimant, ...loop })
  const storage = createStorageReport({ db, hypervisor, claimant, log })
  const logged = (work: Promise<void>) => void work.catch((err) => log.warn({ err }, 'observing failed'))
  const executor = createExecutor({
    ...dependencies,
    images: { db, store: dependencies.images },
    claimant,
    concurrency,
    onBegin: guests.operationBegins,
    onEnd: (vmId) => {
      logged(observer.operationEnded(vmId))
      logged(lateUnplugs.operationEnded(vmId))
    },
  })
  logged(adoptDrawnMacs({ db, hypervisor, claimant }))
  logged(lateUnplugs.lookAtAll())
  const loops = [
    repeat('polling', pollMs, executor.poll, loop),
    repeat('observing', observeMs, observer.checkAll, loop),
    repeat('sampling usage', sampleUsageMs, usage.take, loop),
    repeat('asking guests', askGuestsMs, guests.askAll, loop),
    repeat('checking disks', checkDisksMs, diskChecks.checkAll, loop),
    repeat('looking at host domains', lookAtHostDomainsMs, hostDomains.look, loop),
    repeat('looking at images', lookAtImagesMs, images.look, loop),
    repeat('reporting storage', reportStorageMs, storage.look, loop),
    repeat('hashing images', hashImagesMs, images.hash, loop),
    repeat('heartbeat', heartbeatMs, beat, loop),
  ]
  const stopEvents = hypervisor.onVmEvent(({ vmId, rebooted, agentCame, deviceRemoved }) => {
    if (deviceRemoved) logged(lateUnplugs.deviceRemoved(vmId))
    if (rebooted) logged(observer.rebooted(vmId))
    if (agentCame) logged(guests.agentCame(vmId))
    logged(observer.check(vmId))
    logged(diskChecks.check(vmId))
    logged(hostDomains.happenedTo(vmId))
  })
  const stopLosses = hypervisor.onEventsLost(() => {
    logged(observer.checkAll())
    logged(lateUnplugs.lookAtAll())
    // A libvirt that is back may have left a snapshot half done.
    logged(diskChecks.checkAll())
    logged(hostDomains.look())
  })
  const rings = listenForRings(dependencies.queue, claimant.nodeId, {
    onRing: executor.wake,
    onError: (err) => log.warn({ err }, 'the queue failed'),
  })

  let lastBeat = performance.now()
  async function beat(): Promise<void> {
    const described = withinDeadline(hypervisor.describeNode(), heartbeatMs)
    const storageFreeBytes = described.then((node) => node.storageFreeBytes).catch(() => null)
    const answers = await Promise.allSettled([
      described,
      heartbeat(db, { id: claimant.nodeId, epoch: claimant.epoch, storageFreeBytes: await storageFreeBytes }),
    ])
    const current = answers[1].status === 'fulfilled' && answers[1].value
    health.setServing(current && answers[0].status === 'fulfilled')
    if (answers[1].status === 'fulfilled' && !current) dependencies.onSuperseded()
    if (current) {
      if (performance.now() - lastBeat > maybeSilentMs) logged(observer.checkAll())
      lastBeat = performance.now()
    }
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
  }

  return {
    ...claimant,
    executor,
    async close() {
      health.setServing(false)
      closing.abort()
      stopEvents()
      stopLosses()
      await Promise.all([rings.close(), executor.close(closeMs), Promise.all(loops)])
    },
  }
}

/** A node that is known begins at once, with what was found out before; a new one has nothing to begin with. */
async function takeNodeOver(dependencies: WorkerDependencies, signal: AbortSignal): Promise<Claimant> {
  const { nodeId, db, hypervisor, log } = dependencies
  const wait = { signal, log }
  const described = await untilItSucceeds('asking the hypervisor', () => hypervisor.describeNode(), wait)
  const { hostname, hostUuid: _, ...node } = described
  const known = await untilItSucceeds('reading the node', () => findNode(db, nodeId), wait)
  const probe = () => untilItSucceeds('probing CPU modes', () => hypervisor.probeCpuModes(), wait)
  const remembered = known?.hypervisor === hypervisor.kind ? known.cpuModes : null
  const facts = {
    ...node,
    name: hostname,
    daemonAddress: dependencies.daemonAddress,
    hypervisor: hypervisor.kind,
    cpuModes: remembered ?? (await probe()),
  }
  const epoch = await untilItSucceeds('registering the node', () => registerNode(db, nodeId, facts), wait)
  log.info({ node: { id: nodeId, epoch, ...facts } }, 'node registered')
  if (remembered) {
    probe()
      .then((cpuModes) => updateNode(db, { id: nodeId, epoch }, { cpuModes }))
      .catch((err) => log.warn({ err }, 'probing CPU modes failed'))
  }
  return { nodeId, epoch }
}
