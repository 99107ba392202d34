import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import { startLibvirtHost } from '#infra/libvirt-host.ts'
import { loadNodeDaemon } from '#proto/node-daemon.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { ConnectGetAllDomainStatsFlags, DomainStatsTypes } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { writeJson } from '#worker/json-file.ts'
import { newVmRow } from '#worker/standalone/new-rows.ts'
import type { VmRecord } from '#worker/standalone/vm-files.ts'
import { smallestDomain } from './comparison.ts'
import { startCountingProxy } from './counting-proxy.ts'
import type { BenchGroup, Figure } from './figure.ts'
import { answersTo, unary } from './grpc-calls.ts'
import { alternate, median, timeMs } from './measure.ts'
import { benchNodeId, exampleSpec } from './node-row.ts'
import { startServed } from './served-program.ts'

const count = 1000
const running = 10
const rounds = 15
/** What the daemon asks of each domain. */
const wanted =
  DomainStatsTypes.STATE |
  DomainStatsTypes.CPU_TOTAL |
  DomainStatsTypes.BALLOON |
  DomainStatsTypes.VCPU |
  DomainStatsTypes.INTERFACE |
  DomainStatsTypes.BLOCK

/** The status of all VMs of a large node, asked for at the same time and one by one: how long, and how often libvirt is asked. */
export const benchDaemonStatus: BenchGroup = async function* (say) {
  await using stack = new AsyncDisposableStack()
  const host = await startLibvirtHost()
  stack.defer(() => host.stop())
  const connection = await connectLibvirt(host.uri)
  stack.defer(() => connection.close())
  const inHost = (name: string) => path.join(host.directory, name)
  const socket = inHost('counted')
  const proxy = await startCountingProxy(remote.connectGetAllDomainStats, {
    socketPath: socket,
    libvirtSocket: host.socketPath,
  })
  stack.defer(() => proxy.close())

  say(`status: ${count} domains, ${running} of them running …`)
  const ids = Array.from({ length: count }, () => randomUUID())
  await defineAll(connection, ids)
  for (const id of ids) await writeJson(path.join(inHost('state'), 'vms', `${id}.json`), recordOf(id))
  const { HealthCheck, GetVMStatus, ListVMs } = loadNodeDaemon().service
  const health = (client: Client) =>
    unary(client, HealthCheck.path, HealthCheck.requestSerialize, HealthCheck.responseDeserialize, {})
  const daemon = await startServed(
    'worker/main.ts',
    {
      ...{ QUANTIX_STATE: inHost('state'), QUANTIX_VIRT_TYPE: 'qemu', DATABASE_URL: undefined },
      QUANTIX_LIBVIRT_URI: `qemu+unix:///system?socket=${socket}`,
    },
    {
      logFile: inHost('daemon.log'),
      isReady: answersTo(health),
      args: (port) => ['--standalone', '--listen', `127.0.0.1:${port}`],
    },
  )
  stack.defer(() => daemon.stop())
  const client = new Client(`127.0.0.1:${daemon.port}`, credentials.createInsecure())
  stack.defer(() => client.close())

  const { requestSerialize, responseDeserialize } = GetVMStatus
  const statusOf = (vmId: string) => unary(client, GetVMStatus.path, requestSerialize, responseDeserialize, { vmId })
  const list = () => unary(client, ListVMs.path, ListVMs.requestSerialize, ListVMs.responseDeserialize, {})
  const bulk = () =>
    connection.call(remote.connectGetAllDomainStats, {
      doms: ids.map((uuid) => ({ name: uuid, uuid, id: -1 })),
      ...{ stats: wanted, flags: ConnectGetAllDomainStatsFlags.NOWAIT },
    })
  const calls = { atOnce: [] as number[], list: [] as number[] }
  const counting = async (samples: number[], work: () => Promise<unknown>) => {
    const before = proxy.calls
    const took = await timeMs(work)
    samples.push(proxy.calls - before)
    return took
  }
  const turns = await alternate(rounds, {
    atOnce: () => counting(calls.atOnce, () => Promise.all(ids.map(statusOf))),
    list: () => counting(calls.list, list),
    bulk: () => timeMs(bulk),
  })
  const reference = median(turns.bulk)
  const figure = { reference, n: rounds, note: "libvirt's bulk call alone, over our client" }
  yield {
    ...{ name: `GetVMStatus of ${count} VMs at once, p50`, unit: 'ms', value: median(turns.atOnce) },
    ...{ goal: null, ...figure },
  }
  yield {
    ...{ name: `ListVMs of ${count} VMs, p50`, unit: 'ms', value: median(turns.list) },
    ...{ goal: null, ...figure },
  }
  const bulkCalls = (name: string, samples: readonly number[], limit: number, note: string): Figure => ({
    ...{ name: `bulk calls, ${name} of ${count} VMs`, unit: 'calls', value: median(samples), reference: 1 },
    ...{ goal: { of: 'value', is: '≤', limit }, n: rounds, note },
  })
  yield bulkCalls('ListVMs', calls.list, 1, 'one call for all of them')
  // A thousand requests do not come in one packet.
  yield bulkCalls('GetVMStatus', calls.atOnce, 2, 'one for those that came first, and one for all others')
}

async function defineAll(connection: LibvirtConnection, ids: readonly string[]): Promise<void> {
  for (const [index, id] of ids.entries()) {
    const { dom } = await connection.call(remote.domainDefineXmlFlags, { xml: smallestDomain(id), flags: 0 })
    if (index < running) await connection.call(remote.domainCreateWithFlags, { dom, flags: 0 })
  }
}

/** What a daemon without a control plane would have written down when it made the VM. */
const recordOf = (vmId: string): VmRecord => ({
  vm: newVmRow({ vmId, name: `bench-${vmId}`, labels: {}, spec: exampleSpec, secrets: {} }, benchNodeId),
  ...{ snapshots: [], operation: null, asked: [], secrets: [] },
})
