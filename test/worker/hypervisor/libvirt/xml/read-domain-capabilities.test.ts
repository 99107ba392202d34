import { expect, test } from 'vitest'
import { readMachineSupport } from '#worker/hypervisor/libvirt/xml/read-domain-capabilities.ts'

const capabilities = (os: string) => `<domainCapabilities><os supported='yes'>${os}</os></domainCapabilities>`

test.for([
  ["<enum name='firmware'><value>efi</value></enum>", true],
  ["<enum name='firmware'><value>bios</value><value>efi</value></enum>", true],
  ["<enum name='firmware'/>", false],
  ["<loader supported='yes'><value>/usr/share/OVMF/OVMF_CODE.fd</value></loader>", false],
  ["<enum name='other'><value>efi</value></enum>", false],
] as const)('a node runs UEFI VMs where libvirt finds the firmware by itself: %s', ([os, expected]) => {
  expect(readMachineSupport(capabilities(os)).uefi).toBe(expected)
})

test('a node makes machines with Secure Boot and a TPM where libvirt says so', () => {
  const everything = `<domainCapabilities>
    <os><loader><enum name='secure'><value>yes</value><value>no</value></enum></loader></os>
    <devices><tpm supported='yes'><enum name='backendModel'><value>passthrough</value><value>emulator</value></enum></tpm></devices>
  </domainCapabilities>`
  expect(readMachineSupport(everything)).toMatchObject({ secureBoot: true, tpm: true })
  const little = everything.replace('<value>yes</value>', '').replace('<value>emulator</value>', '')
  expect(readMachineSupport(little)).toMatchObject({ secureBoot: false, tpm: false })
})
