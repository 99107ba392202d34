import { expect, test } from 'vitest'
import { readCapabilities } from '#worker/hypervisor/libvirt/xml/read-capabilities.ts'

const capabilities = (cpu: string) => `<capabilities><host><uuid>u</uuid><cpu>${cpu}</cpu></host></capabilities>`

test.each([
  ["<counter name='tsc' frequency='2596126000' scaling='no'/>", 2_596_126_000, false],
  ["<counter name='tsc' frequency='1999999000' scaling='yes'/>", 1_999_999_000, true],
  ["<counter name='other' frequency='1' scaling='yes'/>", null, false],
  ['<arch>x86_64</arch>', null, false],
])("a host's TSC is read from %s", (cpu, tscFrequencyHz, tscScaling) => {
  expect(readCapabilities(capabilities(cpu))).toMatchObject({ tscFrequencyHz, tscScaling })
})
