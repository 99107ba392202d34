import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { SpecParts } from '#test/support/vm-spec.ts'
import { domainXml } from '#worker/hypervisor/libvirt/xml/domain.ts'
import { patchDomain } from '#worker/hypervisor/libvirt/xml/patch-domain.ts'
import { someDomain } from './domain-specs.ts'

/** As libvirt 9.0 printed it, of a VM whose disk is an overlay by now. */
const inactive = readFileSync(path.join(import.meta.dirname, '../../../../golden/inactive-domain.xml'), 'utf8')

const spec = {
  cpu: { cores: 2 },
  memory: { sizeMib: 64 },
  disks: [{ sizeGib: 1 }],
  cdroms: [{ iso: 'a.iso' }],
  nics: [{ network: 'default', mac: '52:54:00:00:00:01' }],
} satisfies SpecParts

const rendering = (parts: SpecParts = {}, of: Parameters<typeof someDomain>[0] = {}) =>
  domainXml(someDomain({ ...of, spec: { ...spec, ...parts } }))

const change = (parts: SpecParts, of: Parameters<typeof someDomain>[0] = {}, definition = inactive) =>
  patchDomain(definition, rendering(), rendering(parts, of))

const specLine = (line: string) => line.includes('<quantix:spec>')

/** The lines that went and came, but for the spec, which always changes. */
function difference(before: string, after: string): string[] {
  const [old, now] = [before, after].map((text) => text.split('\n').map((line) => line.trim())) as [string[], string[]]
  const count = (lines: string[], line: string) => lines.filter((each) => each === line).length
  const only = (lines: string[], others: string[], sign: string) =>
    [...new Set(lines)]
      .filter((line) => !specLine(line) && count(lines, line) > count(others, line))
      .map((l) => sign + l)
  return [...only(old, now, '- '), ...only(now, old, '+ ')]
}

const changes: [string, SpecParts, string[]][] = [
  [
    'the CPU mode',
    { cpuMode: 'host-passthrough' },
    ["- <cpu mode='host-model' check='partial'>", '+ <cpu migratable="off" mode="host-passthrough" check="none">'],
  ],
  [
    'memory, with its unit',
    { memory: { sizeMib: 128 } },
    [
      "- <memory unit='KiB'>65536</memory>",
      "- <currentMemory unit='KiB'>65536</currentMemory>",
      '+ <memory unit="MiB">128</memory>',
      '+ <currentMemory unit="MiB">128</currentMemory>',
    ],
  ],
  [
    'cores and threads',
    { cpu: { cores: 4, sockets: 2, threadsPerCore: 2 } },
    [
      "- <vcpu placement='static'>2</vcpu>",
      "- <topology sockets='1' dies='1' cores='2' threads='1'/>",
      "+ <vcpu placement='static'>8</vcpu>",
      `+ <topology sockets="2" dies='1' cores='2' threads="2"/>`,
    ],
  ],
  [
    'a CPU feature',
    { cpu: { cores: 2, features: [{ name: 'vmx', policy: 'disable' }] } },
    ['+ <feature policy="disable" name="vmx"/>'],
  ],
  [
    'the boot order of drives and cards that are there',
    { bootOrder: ['network', 'disk'] },
    ["- <boot order='1'/>", "- <boot order='2'/>", '+ <boot order="2"/>', '+ <boot order="1"/>'],
  ],
  [
    'hugepages',
    { memory: { sizeMib: 64, hugepages: true } },
    ['+ <memoryBacking>', '+ <hugepages/>', '+ </memoryBacking>'],
  ],
  [
    'the clock',
    { clock: { offset: 'localtime', hpet: true } },
    [
      "- <clock offset='utc'>",
      "- <timer name='hpet' present='no'/>",
      '+ <clock offset="localtime">',
      `+ <timer name='hpet' present="yes"/>`,
    ],
  ],
  ['enlightenments', { hyperv: ['relaxed'] }, ['+ <hyperv mode="custom">', '+ <relaxed state="on"/>', '+ </hyperv>']],
  [
    'the video model, with all that goes with it',
    { video: { model: 'virtio' } },
    ["- <model type='vga' vram='16384' heads='1' primary='yes'/>", '+ <model type="virtio"/>'],
  ],
  [
    'the display',
    { display: { type: 'none' } },
    [
      "- <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'>",
      "- <listen type='address' address='127.0.0.1'/>",
      '- </graphics>',
    ],
  ],
  ['a TPM', { tpm: true }, ['+ <tpm model="tpm-crb">', '+ <backend type="emulator" version="2.0"/>', '+ </tpm>']],
  ['a watchdog', { watchdog: { action: 'pause' } }, ['+ <watchdog model="i6300esb" action="pause"/>']],
  [
    'no more random numbers',
    { rng: false },
    [
      "- <rng model='virtio'>",
      "- <backend model='random'>/dev/urandom</backend>",
      "- <address type='pci' domain='0x0000' bus='0x06' slot='0x00' function='0x0'/>",
      '- </rng>',
    ],
  ],
  [
    'the log of the serial console',
    { serial: { log: true } },
    ['+ <log file="/var/lib/quantix/pool/8c5b1e0e-1f5a-4d83-9e0b-0c3d6b1a2f01.serial.log" append="on"/>'],
  ],
]

test.for(changes)('a change reaches what it is about, and nothing else: %s', ([, parts, expected]) => {
  expect(difference(inactive, change(parts)).toSorted()).toEqual(expected.toSorted())
})

test.for(changes)('a change made twice is made once, and taken back leaves what was: %s', ([, parts]) => {
  const once = change(parts)
  expect(change(parts, {}, once)).toBe(once)
  const back = patchDomain(once, rendering(parts), rendering())
  const values = (xml: string) =>
    xml
      .replaceAll('"', "'")
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
  const gone = difference(values(inactive).join('\n'), values(back).join('\n'))
  // What libvirt gives by itself: addresses of devices, and units as it prints them.
  const byLibvirt = /<address |memory unit|currentMemory unit|<model type='vga'|^. <graphics|<memoryBacking|<hyperv/
  expect(gone.filter((line) => !byLibvirt.test(line))).toEqual([])
})

test('the spec in it is that of the next start', () => {
  const line = change({ cpuMode: 'host-passthrough' }).split('\n').find(specLine)
  expect(line).toContain('"cpuMode":"host-passthrough"')
})

test('title and description follow, and the name stays', () => {
  const patched = change({}, { name: 'web-2', description: 'a < b' })
  expect(difference(inactive, patched)).toEqual([
    '- <title>web-1</title>',
    '+ <title>web-2</title>',
    '+ <description>a &lt; b</description>',
  ])
})

test('what others put into a definition stays to the letter, beside what changes', () => {
  const foreign = inactive
    .replace(
      /<metadata>.*<\/metadata>/s,
      '<metadata>\n    <app:x xmlns:app="urn:app">  <!-- kept -->  a &amp; b </app:x>\n  </metadata>',
    )
    .replace(
      "<vcpu placement='static'>2</vcpu>",
      "<vcpu placement='static' cpuset='0-3'>2</vcpu>\n  <iothreads>1</iothreads>",
    )
    .replace(
      "<topology sockets='1'",
      "<model fallback='forbid'>Skylake-Server</model>\n    <numa/>\n    <topology sockets='1'",
    )
  const patched = change({ cpu: { cores: 4 }, watchdog: { action: 'reset' } }, {}, foreign)
  for (const kept of [
    '<!-- kept -->  a &amp; b ',
    "cpuset='0-3'",
    '<iothreads>1</iothreads>',
    "fallback='forbid'>Skylake-Server",
  ]) {
    expect(patched).toContain(kept)
  }
  expect(patched).toContain("<vcpu placement='static' cpuset='0-3'>4</vcpu>")
  expect(patched.match(/<quantix:spec>/g)).toHaveLength(1)
})

test('a VM that had a CPU model by its name has nothing of it left in another mode', () => {
  const custom = inactive.replace(
    "<cpu mode='host-model' check='partial'>",
    "<cpu mode='custom' match='exact' check='none'>\n    <model fallback='forbid'>Skylake-Server</model>\n    <vendor>Intel</vendor>",
  )
  const old = domainXml({ ...someDomain({ spec }), spec: { ...someDomain({ spec }).spec, cpuMode: 'custom' } })
  const patched = patchDomain(custom, old, rendering())
  expect(patched).toMatch(/<cpu mode="host-model" check="partial">\s*<topology/)
})

test('a boot order takes the place of what libvirt booted from where there was none', () => {
  const none = { bootOrder: [] }
  const osBoot = inactive.replaceAll(/\s*<boot order='\d'\/>/g, '').replace('</os>', "  <boot dev='hd'/>\n  </os>")
  const patched = patchDomain(osBoot, rendering(none), rendering())
  expect(difference(osBoot, patched)).toEqual(["- <boot dev='hd'/>", '+ <boot order="1"/>', '+ <boot order="2"/>'])
  expect(difference(osBoot, patchDomain(osBoot, rendering(none), rendering({ ...none, rng: false })))).not.toContain(
    "- <boot dev='hd'/>",
  )
})

test('another number of vCPUs takes the list of those that there were with it', () => {
  const listed = inactive.replace(
    "<vcpu placement='static'>2</vcpu>",
    "<vcpu placement='static' current='2'>4</vcpu>\n  <vcpus>\n    <vcpu id='0' enabled='yes'/>\n  </vcpus>",
  )
  const before = rendering({ cpu: { cores: 2, maxCores: 4 } })
  expect(patchDomain(listed, before, rendering({ cpu: { cores: 3, maxCores: 4 } }))).toMatch(
    /<vcpu placement='static' current="3">4<\/vcpu>\s*<os>/,
  )
  expect(patchDomain(listed, before, rendering({ cpu: { cores: 2 } }))).toMatch(
    /<vcpu placement='static'>2<\/vcpu>\s*<os>/,
  )
})

test('the watchdog that newer libvirt shows of every q35 machine goes where another one changes: it comes back in step', () => {
  const own = "<watchdog model='itco' action='reset'/>"
  const definition = inactive.replace('</devices>', `  ${own}\n  </devices>`)
  expect(change({ watchdog: { action: 'pause' } }, {}, definition)).not.toContain(own)
  expect(change({ memory: { sizeMib: 128 } }, {}, definition)).toContain(own)
})

test('a disk or card that is not there is not made', () => {
  const without = inactive.replace(/<interface.*<\/interface>\s*/s, '')
  expect(difference(without, change({ bootOrder: ['network', 'disk'] }, {}, without)).toSorted()).toEqual(
    ['+ <boot order="2"/>', "- <boot order='1'/>", "- <boot order='2'/>"].toSorted(),
  )
})
