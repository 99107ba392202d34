import { randomUUID } from 'node:crypto'
import { create } from 'xmlbuilder2'
import { completeSpec } from '#db/complete-spec.ts'
import { newMac } from '#db/new-mac.ts'
import { type DomainParameters, domainXml } from '#worker/hypervisor/libvirt/xml/domain.ts'
import type { BenchGroup } from './figure.ts'
import { alternate, median } from './measure.ts'

const rounds = 20
const rendersPerRound = 500

/** Domain XML per second, beside xmlbuilder2 writing the same finished document. */
export const benchRenders: BenchGroup = async function* () {
  const vm = exampleVm()
  const finished = create(domainXml(vm)).toObject()
  const { ours, builder } = await alternate(rounds, {
    ours: async () => perSecond((index) => domainXml({ ...vm, vmId: randomUUID(), name: `vm-${index}` })),
    builder: async () => perSecond(() => create(finished).end({ prettyPrint: true, headless: true })),
  })
  yield {
    name: 'domain XML renders',
    unit: '1/s',
    value: median(ours),
    reference: median(builder),
    goal: { of: 'value', is: '≥', limit: 5000 },
    n: rounds * rendersPerRound,
    note: 'xmlbuilder2 alone, the same document',
  }
}

function perSecond(render: (index: number) => string): number {
  const start = performance.now()
  for (let index = 0; index < rendersPerRound; index++) render(index)
  return (rendersPerRound * 1000) / (performance.now() - start)
}

function exampleVm(): DomainParameters {
  const spec = completeSpec(
    { cpu: { cores: 4, threadsPerCore: 2 }, memory: { sizeMib: 4096 }, nics: [{ network: 'default' }] },
    newMac,
  )
  return {
    vmId: randomUUID(),
    nodeId: randomUUID(),
    name: 'vm',
    description: 'A disk and a network card',
    virtType: 'kvm',
    spec,
    tscFrequencyHz: null,
    cpuFeatures: [],
    nvramPath: null,
    seedPath: null,
    displayPassword: null,
    serialLogPath: null,
    disks: spec.disks.map((disk) => ({ ...disk, path: `/var/lib/quantix/pool/${disk.target}.qcow2` })),
    cdroms: [],
  }
}
