import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pino } from 'pino'
import { openDatabase } from '#db/client.ts'
import { findSettledVms } from '#db/observed-state.ts'
import { nodes } from '#db/schema/node.ts'
import { operations } from '#db/schema/operation.ts'
import { vms } from '#db/schema/vm.ts'
import { secretBox } from '#db/secrets/secret-box.ts'
import { startLibvirtHost } from '#infra/libvirt-host.ts'
import { openLibvirtHypervisor } from '#worker/hypervisor/libvirt/open.ts'
import { connectLibvirt } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { DomainStatsTypes } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { createObserver } from '#worker/node/observer.ts'
import { createUsageSamples } from '#worker/node/usage-samples.ts'
import { createExecutor } from '#worker/operations/executor.ts'
import { startBackends } from './backends.ts'
import type { BenchGroup } from './figure.ts'
import { alternate, median, quantile, timeEach, timeMs } from './measure.ts'
import { benchNode, benchNodeId, exampleSpec } from './node-row.ts'

const count = 1000
const running = 10
const rounds = 15
const jobsPerRound = 10

/** Domains that have no more than libvirt needs to start them. */
export const smallestDomain = (id: string): string =>
  `<domain type='qemu'><name>bench-${id}</name><uuid>${id}</uuid><memory unit='MiB'>16</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type></os>
    <devices><controller type='usb' model='none'/><memballoon model='none'/></devices></domain>`

/** The comparison of a node's VMs with their rows: how long it takes, and what jobs notice of it. */
export const benchComparison: BenchGroup = async function* (say) {
  await using stack = new AsyncDisposableStack()
  const backends = await startBackends(say)
  stack.defer(backends.stop)
  const host = await startLibvirtHost()
  stack.defer(() => host.stop())
  const db = openDatabase(backends.databaseUrl, { maxConnections: 8 })
  stack.defer(() => db.close())
  const connection = await connectLibvirt(host.uri)
  stack.defer(() => connection.close())
  const log = pino({ level: 'silent' })
  const directory = (name: string) => path.join(host.directory, name)
  const hypervisor = await openLibvirtHypervisor({
    ...{ uri: host.uri, nodeId: benchNodeId, virtType: 'qemu', cpuFeatures: [], poolDirectories: [], log },
    ...{ poolDirectory: directory('pool'), imagesDirectory: directory('images'), stateDirectory: directory('state') },
  })
  stack.defer(() => hypervisor.close())

  say(`comparison: ${count} domains, ${running} of them running …`)
  await db.drizzle.insert(nodes).values(benchNode)
  const ids = Array.from({ length: count }, () => randomUUID())
  await db.drizzle
    .insert(vms)
    .values(
      ids.map((id) => ({ id, name: `bench-${id}`, nodeId: benchNodeId, spec: exampleSpec, state: 'STOPPED' as const })),
    )
  for (const [index, id] of ids.entries()) {
    const { dom } = await connection.call(remote.domainDefineXmlFlags, { xml: smallestDomain(id), flags: 0 })
    if (index < running) await connection.call(remote.domainCreateWithFlags, { dom, flags: 0 })
  }
  const claimant = { nodeId: benchNodeId, epoch: 1 }
  const observer = createObserver({ db, hypervisor, claimant, log })
  const usage = createUsageSamples({ db, hypervisor, claimant })
  const compare = async () => {
    await observer.checkAll()
    await usage.take()
  }
  yield {
    ...{ name: `first comparison of ${count} VMs`, unit: 'ms', n: 1, reference: null, note: 'once for each worker' },
    value: await timeMs(compare),
    goal: { of: 'value', is: '≤', limit: 2000 },
  }
  const turns = await alternate(rounds, {
    ours: () => timeMs(compare),
    rows: () => timeMs(() => findSettledVms(db, benchNodeId)),
    bare: () =>
      timeMs(() =>
        connection.call(remote.connectGetAllDomainStats, { doms: [], stats: DomainStatsTypes.STATE, flags: 0 }),
      ),
  })
  yield {
    ...{ name: `comparison and usage of ${count} VMs, p50`, unit: 'ms', n: rounds },
    value: median(turns.ours),
    reference: median(turns.bare) + median(turns.rows),
    goal: { of: 'value', is: '≤', limit: 2000 },
    note: "libvirt's bulk call alone, and reading the rows alone",
  }
  yield {
    ...{ name: `comparison and usage of ${count} VMs, slowest`, unit: 'ms', n: rounds },
    value: Math.max(...turns.ours),
    reference: Math.max(...turns.bare) + Math.max(...turns.rows),
    goal: { of: 'value', is: '≤', limit: 2000 },
    note: 'the same',
  }

  const ended = new Map<string, () => void>()
  const executor = createExecutor({
    ...{ db, hypervisor, claimant, log, secretBox: secretBox([]), concurrency: 8 },
    onEnd: (vmId) => ended.get(vmId)?.(),
  })
  stack.defer(() => executor.close(1000))
  const vmId = ids[0] as string
  const job = async (index: number) => {
    const id = randomUUID()
    const kind = index % 2 === 0 ? 'vm.pause' : 'vm.resume'
    await db.drizzle.insert(operations).values({ id, kind, vmId, nodeId: benchNodeId, input: { vmId } })
    const done = new Promise<void>((resolve) => ended.set(vmId, resolve))
    await executor.wake(id)
    await done
  }
  const jobs = () => timeEach(jobsPerRound, job)
  const jobsBesideComparisons = async () => {
    const stop = new AbortController()
    const comparing = (async () => {
      while (!stop.signal.aborted) {
        await compare()
        await nextTurn()
      }
    })()
    const samples = await jobs()
    stop.abort()
    await comparing
    return samples
  }
  say('comparison: jobs beside it, one comparison after the other …')
  const beside = await alternate(rounds, { ours: jobsBesideComparisons, alone: jobs })
  for (const [name, share] of [
    ['p50', 0.5],
    ['p95', 0.95],
  ] as const) {
    yield {
      ...{ name: `pause or resume beside comparisons, ${name}`, unit: 'ms', n: rounds * jobsPerRound },
      value: quantile(beside.ours.flat(), share),
      reference: quantile(beside.alone.flat(), share),
      goal: { of: 'difference', is: '≤', limit: 100 },
      note: 'the same without comparisons; in production there is one in 30 s',
    }
  }
}
