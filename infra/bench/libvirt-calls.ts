import { randomUUID } from 'node:crypto'
import { startLibvirtHost } from '#infra/libvirt-host.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { type Domain, remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import type { BenchGroup, Figure } from './figure.ts'
import {
  type Caller,
  type LibvirtCall,
  type PythonCaller,
  startPythonCaller,
  virshCaller,
} from './libvirt-reference.ts'
import { alternate, median, timeEach } from './measure.ts'

const rounds = 10
const calls: readonly LibvirtCall[] = ['version', 'define', 'xml', 'undefine']
const callsPerRound = { version: 300, define: 60, xml: 300, undefine: 60 }
const virshCallsPerRound = { version: 3, define: 3, xml: 3, undefine: 3 }
const pipelinedCalls = 2000
/** libvirtd works on so many calls of one client at a time (libvirtd.conf, max_client_requests). */
const pythonThreads = 5

/** Speed over virsh that is asked for: of calls that only read, and of those that write a definition to disk. */
const virshFactor = { version: 100, define: 12, xml: 100, undefine: 12 }

/** The libvirt client beside libvirt's C library and beside spawning virsh, on one libvirtd. */
export const benchLibvirtCalls: BenchGroup = async function* (say) {
  const host = await startLibvirtHost()
  const connection = await connectLibvirt(host.uri)
  const python = await startPythonCaller(host.uri)
  try {
    const ours = ourCaller(connection)
    const virsh = virshCaller(host.uri)
    say('libvirt: one call at a time …')
    const turns = await alternate(rounds, {
      ours: () => turn(ours, callsPerRound),
      python: () => turn(python, callsPerRound),
      virsh: () => turn(virsh, virshCallsPerRound),
    })
    for (const call of calls) yield besidePython(call, turns.ours, turns.python, python.missing)
    for (const call of calls) yield besideVirsh(call, turns.ours, turns.virsh)

    say('libvirt: pipelined …')
    yield await benchPipelined(ours, python)
  } finally {
    await python.stop()
    await connection.close()
    await host.stop()
  }
}

type Turn = Record<LibvirtCall, number[]>

/** Every call in turn, on domains of its own. */
async function turn(caller: Caller, counts: Record<LibvirtCall, number>): Promise<Turn> {
  const uuids = Array.from({ length: counts.define }, () => randomUUID())
  const cycled = Array.from({ length: counts.xml }, (_, index) => uuids[index % uuids.length] ?? '')
  return {
    version: await caller.time('version', Array(counts.version).fill('')),
    define: await caller.time('define', uuids.map(definition)),
    xml: await caller.time('xml', cycled),
    undefine: await caller.time('undefine', uuids),
  }
}

interface OurCaller extends Caller {
  /** How long all calls together take when none waits for another, ms. */
  timePipelined(call: LibvirtCall, items: readonly string[]): Promise<number>
}

function ourCaller(connection: LibvirtConnection): OurCaller {
  const domains = new Map<string, Domain>()
  const domain = (uuid: string): Domain => {
    const found = domains.get(uuid)
    if (!found) throw new Error(`${uuid} is not defined`)
    return found
  }
  const make: Record<LibvirtCall, (item: string) => Promise<unknown>> = {
    version: () => connection.call(remote.connectGetLibVersion, {}),
    define: async (xml) => {
      const { dom } = await connection.call(remote.domainDefineXmlFlags, { xml, flags: 0 })
      domains.set(dom.uuid, dom)
    },
    xml: (uuid) => connection.call(remote.domainGetXmlDesc, { dom: domain(uuid), flags: 0 }),
    undefine: async (uuid) => {
      await connection.call(remote.domainUndefineFlags, { dom: domain(uuid), flags: 0 })
      domains.delete(uuid)
    },
  }
  return {
    time: (call, items) => timeEach(items.length, (index) => make[call](items[index] ?? '')),
    async timePipelined(call, items) {
      const [duration = Number.NaN] = await timeEach(1, () => Promise.all(items.map(make[call])))
      return duration
    },
  }
}

const samplesOf = (turns: Turn[], call: LibvirtCall): number[] => turns.flatMap((one) => one[call])

function besidePython(call: LibvirtCall, ours: Turn[], python: Turn[], missing: string | null): Figure {
  const samples = samplesOf(ours, call)
  return {
    name: `libvirt ${call}, one at a time`,
    unit: 'ms',
    value: median(samples),
    reference: missing === null ? median(samplesOf(python, call)) : null,
    goal: { of: 'ratio', is: '≤', limit: 1.3 },
    n: samples.length,
    note: missing ?? "libvirt's C library (python3-libvirt)",
  }
}

function besideVirsh(call: LibvirtCall, ours: Turn[], virsh: Turn[]): Figure {
  const samples = samplesOf(ours, call)
  return {
    name: `libvirt ${call}, calls a second`,
    unit: '1/s',
    value: 1000 / median(samples),
    reference: 1000 / median(samplesOf(virsh, call)),
    goal: { of: 'ratio', is: '≥', limit: virshFactor[call] },
    n: samples.length,
    note: 'a virsh process for each call',
  }
}

/** The reference is the faster of the C library's two ways: one call after another, and a thread for each. */
async function benchPipelined(ours: OurCaller, python: PythonCaller): Promise<Figure> {
  const uuid = randomUUID()
  const items = Array<string>(pipelinedCalls).fill(uuid)
  for (const caller of [ours, python]) await caller.time('define', [definition(uuid)])
  const turns = await alternate(rounds, {
    ours: () => ours.timePipelined('xml', items),
    serial: async () => (await python.time('xml', items)).reduce((sum, one) => sum + one, 0),
    threads: () => python.timeAll('xml', items, pythonThreads),
  })
  const perSecond = (durations: number[]) => (pipelinedCalls * 1000) / median(durations)
  return {
    name: 'libvirt xml, pipelined',
    unit: '1/s',
    value: perSecond(turns.ours),
    reference: python.missing === null ? Math.max(perSecond(turns.serial), perSecond(turns.threads)) : null,
    goal: { of: 'ratio', is: '≥', limit: 1.5 },
    n: rounds * pipelinedCalls,
    note: python.missing ?? `libvirt's C library, the faster of one thread and ${pythonThreads}`,
  }
}

/** The smallest definition that libvirt takes, so that the client's own cost shows. */
const definition = (uuid: string): string =>
  `<domain type='qemu'><name>bench-${uuid}</name><uuid>${uuid}</uuid><memory unit='MiB'>64</memory>` +
  `<os><type arch='x86_64' machine='q35'>hvm</type></os></domain>`
