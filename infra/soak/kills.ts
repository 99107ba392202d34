import { parseArgs } from 'node:util'
import { killInSnapshots, noKills } from '#test/live/faults/libvirtd-kills.ts'
import { type LibvirtNode, startLibvirtNode } from '#test/live/hypervisor/libvirt-node.ts'
import { libvirtAvailable } from '../libvirt-host.ts'
import { consoleProgress } from '../progress.ts'
import { installTestPackages } from '../setup/machine.ts'

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '1000' }, hosts: { type: 'string', default: '2' } },
})
const [kills, hosts] = [values.kills, values.hosts].map(Number) as [number, number]

const progress = consoleProgress()
await installTestPackages(progress)
const unavailable = libvirtAvailable()
if (unavailable) throw new Error(unavailable)

const figures = { ...noKills }
const nodes: LibvirtNode[] = []
try {
  await progress.during(`Killing libvirtd ${kills} times inside snapshots, on ${hosts} hosts`, async (detail) => {
    for (let nth = 0; nth < hosts; nth++) nodes.push(await startLibvirtNode({ virtType: 'qemu' }))
    await Promise.all(nodes.map(({ hypervisor }) => hypervisor.probeCpuModes()))
    const isEnough = () => {
      detail(`${figures.kills} kills, ${figures.split} splits`)
      return figures.kills >= kills
    }
    await Promise.all(nodes.map((node) => killInSnapshots(node, figures, isEnough)))
  })
  console.log('Every split was found and repaired; nothing that was written was lost.')
} finally {
  console.log(figures)
  for (const node of nodes) await node.close()
}
