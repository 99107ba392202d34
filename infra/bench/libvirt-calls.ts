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

const rounds = 40
const callsPerRound = { version: 50, define: 15, xml: 50, undefine: 15 }
const virshCallsPerRound = { version: 1, define: 1, xml: 1, undefine: 1 }
const pipelinedRounds = 20
const pipelinedCalls = 1000
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
    const turns = {
      ours: turnsOf(ours, callsPerRound),
      python: turnsOf(python, callsPerRound),
      virsh: turnsOf(virsh, virshCallsPerRound),
    }
    for (const call of ['version', 'define', 'xml', 'undefine'] as const) {
      say(`libvirt: ${call}, one at a time …`)
      const samples = await alternate(rounds, {
        ours: () => turns.ours(call),
        python: () => turns.python(call),
        virsh: () => turns.virsh(call),
      })
      yield besidePython(call, samples.ours.flat(), samples.python.flat(), python.missing)
      yield besideVirsh(call, samples.ours.flat(), samples.virsh.flat())
    }
    say('libvirt: pipelined …')
    yield* benchPipelined(ours, python)
  } finally {
    await python.stop()
    connection.close()
    await host.stop()
  }
}

/** A round of one call, on domains of the caller's own: all of them are defined first, and undefined last. */
function turnsOf(caller: Caller, counts: Record<LibvirtCall, number>): (call: LibvirtCall) => Promise<number[]> {
  const defined: string[] = []
  return (call) => {
    const count = counts[call]
    switch (call) {
      case 'version':
        return caller.time(call, Array<string>(count).fill(''))
      case 'define': {
        const uuids = Array.from({ length: count }, () => randomUUID())
        defined.push(...uuids)
        return caller.time(call, uuids.map(definition))
      }
      case 'xml':
        return caller.time(
          call,
          Array.from({ length: count }, (_, index) => defined[index % defined.length] ?? ''),
        )
      case 'undefine':
        return caller.time(call, defined.splice(-count))
      default:
        return call satisfies never
    }
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

function besidePython(call: LibvirtCall, ours: number[], python: number[], missing: string | null): Figure {
  return {
    name: `libvirt ${call}, one at a time`,
    unit: 'ms',
    value: median(ours),
    reference: missing === null ? median(python) : null,
    goal: { of: 'ratio', is: '≤', limit: 1.3 },
    n: ours.length,
    note: missing ?? "libvirt's C library (python3-libvirt)",
  }
}

function besideVirsh(call: LibvirtCall, ours: number[], virsh: number[]): Figure {
  return {
    name: `libvirt ${call}, calls a second`,
    unit: '1/s',
    value: 1000 / median(ours),
    reference: 1000 / median(virsh),
    goal: { of: 'ratio', is: '≥', limit: virshFactor[call] },
    n: ours.length,
    note: 'a virsh process for each call',
  }
}

/** All at once on one connection, beside the C library's two ways: one call after another, and a thread for each. */
async function* benchPipelined(ours: OurCaller, python: PythonCaller): AsyncGenerator<Figure> {
  const uuid = randomUUID()
  const items = Array<string>(pipelinedCalls).fill(uuid)
  for (const caller of [ours, python]) await caller.time('define', [definition(uuid)])
  const turns = await alternate(pipelinedRounds, {
    ours: () => ours.timePipelined('xml', items),
    serial: async () => (await python.time('xml', items)).reduce((sum, one) => sum + one, 0),
    threads: () => python.timeAll('xml', items, pythonThreads),
  })
  const perSecond = (durations: number[]) => (pipelinedCalls * 1000) / median(durations)
  const figure = (durations: number[], limit: number, note: string): Figure => ({
    name: 'libvirt xml, pipelined',
    unit: '1/s',
    value: perSecond(turns.ours),
    reference: python.missing === null ? perSecond(durations) : null,
    goal: { of: 'ratio', is: '≥', limit },
    n: pipelinedRounds * pipelinedCalls,
    note: python.missing ?? note,
  })
  yield figure(turns.serial, 1.5, "libvirt's C library, one at a time")
  yield figure(turns.threads, 1, `libvirt's C library, ${pythonThreads} threads`)
}

/** The smallest definition that libvirt takes, so that the client's own cost shows. */
const definition = (uuid: string): string =>
  `<domain type='qemu'><name>bench-${uuid}</name><uuid>${uuid}</uuid><memory unit='MiB'>64</memory>` +
  `<os><type arch='x86_64' machine='q35'>hvm</type></os></domain>`
