import { describe, expect, test } from 'vitest'
import { withDiskSources } from '#worker/hypervisor/libvirt/xml/disk-sources.ts'
import { readDomain } from '#worker/hypervisor/libvirt/xml/read-domain.ts'

describe('the CPU that a definition has', () => {
  const cpuOf = (cpu: string, clock = '') => readDomain(`<domain>${cpu}${clock}</domain>`).cpu

  test.for([
    ['', { mode: 'custom', migratable: null, invtscPolicy: null }],
    ["<cpu mode='host-model' check='partial'/>", { mode: 'host-model' }],
    ["<cpu mode='custom' match='exact' check='full'><model>Broadwell</model></cpu>", { mode: 'custom' }],
    ["<cpu mode='host-passthrough' check='none' migratable='off'/>", { mode: 'host-passthrough', migratable: 'off' }],
    ["<cpu mode='maximum' migratable='on'/>", { mode: 'maximum', migratable: 'on' }],
    ["<cpu><feature policy='require' name='invtsc'/></cpu>", { invtscPolicy: 'require' }],
    ["<cpu><feature name='invtsc'/></cpu>", { invtscPolicy: 'require' }],
    ["<cpu><feature policy='disable' name='vmx'/></cpu>", { invtscPolicy: null }],
    [
      "<cpu><feature policy='require' name='invtsc'/><feature policy='disable' name='invtsc'/></cpu>",
      { invtscPolicy: 'disable' },
    ],
  ] as const)('is read from %s', ([xml, expected]) => {
    expect(cpuOf(xml)).toMatchObject(expected)
  })

  test('has a pinned TSC only where the clock says so', () => {
    expect(cpuOf('', "<clock offset='utc'><timer name='rtc' frequency='1'/></clock>").tscFrequencyHz).toBeNull()
    expect(cpuOf('', "<clock><timer name='tsc' frequency='2596126000'/></clock>").tscFrequencyHz).toBe(2_596_126_000)
  })

  test('is not changed by what a user wrote about the VM', () => {
    const description = '&lt;cpu mode="maximum"/&gt; &amp;#0; &amp;#99999999; &amp;lt;'
    const facts = readDomain(`<domain><description>${description}</description><cpu mode='host-model'/></domain>`)
    expect(facts.cpu.mode).toBe('host-model')
  })
})

const disk = (target: string, path: string, more = '') => `
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='${path}' index='3'/>${more}
      <target dev='${target}' bus='virtio'/>
      <alias name='virtio-${target}'/>
    </disk>`

const chain = (...paths: string[]): string => {
  const [path, ...rest] = paths
  if (path === undefined) return ''
  return `
      <backingStore type='file'>
        <format type='qcow2'/>
        <source file='${path}'/>${rest.length > 0 ? chain(...rest) : '<backingStore/>'}
      </backingStore>`
}

describe('the disks of a definition', () => {
  test('are their own files, not those below', () => {
    const xml = `<domain><devices>${disk('vda', '/p/2', chain('/p/1', '/p/0'))}
      <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk></devices></domain>`
    expect(readDomain(xml).disks).toEqual([
      { target: 'vda', device: 'disk', readOnly: false, path: '/p/2', alias: 'virtio-vda', nodeIndex: '3' },
      { target: 'sda', device: 'cdrom', readOnly: true, path: null, alias: null, nodeIndex: null },
    ])
  })

  test('get other files without the chain that was written down for the old ones', () => {
    const rest = "<description>&lt;disk &gt; file='/p/2'</description>"
    const xml = `<domain>${rest}<devices>${disk('vda', '/p/2', chain('/p/1', '/p/0'))}${disk('vdb', '/q/1', chain('/q/0'))}</devices></domain>`
    expect(withDiskSources(xml, [{ from: '/p/2', to: '/p/1' }])).toBe(
      `<domain>${rest}<devices>${disk('vda', '/p/1')}${disk('vdb', '/q/1', chain('/q/0'))}</devices></domain>`,
    )
  })

  test('stay as they are where nothing is to change', () => {
    const xml = `<domain><devices>${disk('vda', '/p/2', chain('/p/1'))}</devices></domain>`
    expect(withDiskSources(xml, [{ from: '/p/1', to: '/p/9' }])).toBe(xml)
  })
})
