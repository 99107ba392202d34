import { expect, test } from 'vitest'
import { readHasUefi } from '#worker/hypervisor/libvirt/xml/read-domain-capabilities.ts'

const capabilities = (os: string) => `<domainCapabilities><os supported='yes'>${os}</os></domainCapabilities>`

test.for([
  ["<enum name='firmware'><value>efi</value></enum>", true],
  ["<enum name='firmware'><value>bios</value><value>efi</value></enum>", true],
  ["<enum name='firmware'/>", false],
  ["<loader supported='yes'><value>/usr/share/OVMF/OVMF_CODE.fd</value></loader>", false],
  ["<enum name='other'><value>efi</value></enum>", false],
] as const)('a node runs UEFI VMs where libvirt finds the firmware by itself: %s', ([os, expected]) => {
  expect(readHasUefi(capabilities(os))).toBe(expected)
})
