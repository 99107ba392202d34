import { randomUUID } from 'node:crypto'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { DomainEventType } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { startControlPlane } from './control-plane.ts'
import type { BenchGroup, Figure } from './figure.ts'
import { alternate, median } from './measure.ts'

const rounds = 30
const createsPerRound = 4
const goalMs = { redis: 15, postgres: 40 }
const deadlineMs = 30_000

/** From the request to the domain's definition, beside defining a domain like it over our client. One at a time. */
export const benchDefine: BenchGroup = async function* (say) {
  for (const queue of ['redis', 'postgres'] as const) {
    say(`define: through the API, the ${queue} queue and the worker …`)
    yield await defineFigure(queue, say)
  }
}

async function defineFigure(queue: 'redis' | 'postgres', say: (line: string) => void): Promise<Figure> {
  await using stack = new AsyncDisposableStack()
  const plane = await startControlPlane(queue, say)
  stack.defer(plane.stop)
  const connection = await connectLibvirt(plane.host.uri)
  stack.defer(() => connection.close())

  const definitions = await watchDefinitions(connection)
  const first = await createVm(plane.apiUrl)
  await definitions.of(first)
  const xml = await definitionOf(connection, first)
  const samples = await alternate(rounds, {
    ours: () =>
      collect(async () => {
        const begun = performance.now()
        const vmId = await createVm(plane.apiUrl)
        const definedAt = await definitions.of(vmId)
        await settled(plane.apiUrl, vmId)
        return definedAt - begun
      }),
    bare: () => collect(() => defineAnother(connection, xml, first)),
  })
  return {
    name: `POST to domain defined, p50, ${queue} queue`,
    unit: 'ms',
    value: median(samples.ours.flat()),
    reference: median(samples.bare.flat()),
    goal: { of: 'difference', is: '≤', limit: goalMs[queue] },
    n: rounds * createsPerRound,
    note: 'a bare define of the same domain over our client',
  }
}

async function collect(measure: () => Promise<number>): Promise<number[]> {
  const samples: number[] = []
  for (let index = 0; index < createsPerRound; index++) samples.push(await measure())
  return samples
}

/** When each domain was defined, by libvirt's own event. */
async function watchDefinitions(connection: LibvirtConnection): Promise<{ of(vmId: string): Promise<number> }> {
  const moments = new Map<string, PromiseWithResolvers<number>>()
  const moment = (vmId: string) => {
    const known = moments.get(vmId) ?? Promise.withResolvers<number>()
    moments.set(vmId, known)
    return known
  }
  await connection.onDomainEvent('lifecycle', ({ dom, event }) => {
    if (event === DomainEventType.DEFINED) moment(dom.uuid).resolve(performance.now())
  })
  return {
    of(vmId) {
      const { promise, reject } = moment(vmId)
      const timer = setTimeout(() => reject(new Error(`VM ${vmId} was not defined in time`)), deadlineMs)
      return promise.finally(() => clearTimeout(timer))
    },
  }
}

/** A VM without disks: what is measured is our way to the definition. */
async function createVm(apiUrl: string): Promise<string> {
  const response = await fetch(`${apiUrl}/api/v1/vms`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      name: `bench-${randomUUID()}`,
      spec: { cpu: { cores: 1 }, memory: { sizeMib: 64 }, disks: [] },
    }),
  })
  if (response.status !== 202) throw new Error(`POST was answered with ${response.status}: ${await response.text()}`)
  return ((await response.json()) as { id: string }).id
}

/** Waits until nothing is done for the VM any more. */
async function settled(apiUrl: string, vmId: string): Promise<void> {
  const list = await fetch(`${apiUrl}/api/v1/operations?vmId=${vmId}`)
  const [operation] = ((await list.json()) as { items: { id: string }[] }).items
  const ended = await fetch(`${apiUrl}/api/v1/operations/${operation?.id}?wait=10`)
  const { status } = (await ended.json()) as { status: string }
  if (status !== 'succeeded') throw new Error(`the operation of VM ${vmId} is ${status}`)
}

async function definitionOf(connection: LibvirtConnection, uuid: string): Promise<string> {
  const { dom } = await connection.call(remote.domainLookupByUuid, { uuid })
  return (await connection.call(remote.domainGetXmlDesc, { dom, flags: 0 })).xml
}

async function defineAnother(connection: LibvirtConnection, xml: string, uuid: string): Promise<number> {
  const other = randomUUID()
  const another = xml.replaceAll(uuid, other).replace(/<name>.*<\/name>/, `<name>bare-${other}</name>`)
  const begun = performance.now()
  const { dom } = await connection.call(remote.domainDefineXmlFlags, { xml: another, flags: 0 })
  const took = performance.now() - begun
  await connection.call(remote.domainUndefineFlags, { dom, flags: 0 })
  return took
}
