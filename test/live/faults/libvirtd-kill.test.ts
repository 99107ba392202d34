import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { killInSnapshots, noKills } from './libvirtd-kills.ts'

const unavailable = libvirtAvailable()

const hosts = 2
/** A slow machine makes fewer in this time, and goes on until a first split. `npm run soak:kills` makes any number. */
const killsWanted = 200
const killingMs = 120_000
const timeoutMs = 280_000

describe.skipIf(unavailable)(`libvirtd killed in snapshots${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  const nodes: LibvirtNode[] = []
  beforeAll(async () => {
    for (let nth = 0; nth < hosts; nth++) nodes.push(await startLibvirtNode({ virtType: 'qemu' }))
    await Promise.all(nodes.map(({ hypervisor }) => hypervisor.probeCpuModes()))
  })
  afterAll(() => Promise.all(nodes.map((node) => node.close())))

  test('loses no byte: every split is found and repaired within 10 s', { timeout: timeoutMs }, async () => {
    const figures = { ...noKills }
    const end = Date.now() + killingMs
    const isEnough = () => figures.kills >= killsWanted || (Date.now() > end && figures.split > 0)
    try {
      await Promise.all(nodes.map((node) => killInSnapshots(node, figures, isEnough)))
    } finally {
      console.log(figures)
    }
    expect(figures.split, 'no kill split anything: nothing was proved').toBeGreaterThan(0)
  })
})
