import { connectLibvirt } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { DomainXmlFlags } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'

/** The `<cpu>` elements of a running VM, as libvirt says them. */
export interface DomainCpu {
  /** Of what runs. */
  live: string
  /** Of the definition that the next start takes. */
  inactive: string
}

/** Reads a VM's definitions from libvirt itself. */
export async function readDomainCpu(uri: string, vmId: string): Promise<DomainCpu> {
  const connection = await connectLibvirt(uri)
  try {
    const { dom } = await connection.call(remote.domainLookupByUuid, { uuid: vmId })
    const read = async (flags: number) =>
      cpuElement((await connection.call(remote.domainGetXmlDesc, { dom, flags })).xml)
    return { live: await read(0), inactive: await read(DomainXmlFlags.INACTIVE) }
  } finally {
    connection.close()
  }
}

const shownLines = 8

/** The element with its own indentation; the middle of a long list of features is left out, and said. */
function cpuElement(domainXml: string): string {
  const element = /^ *<cpu\b(?:[^>]*\/>|[\s\S]*?<\/cpu>)/m.exec(domainXml)?.[0]
  if (!element) return '(none)'
  const lines = element.replace(/^ {2}/gm, '').split('\n')
  if (lines.length <= shownLines) return lines.join('\n')
  const hidden = lines.length - shownLines
  return [...lines.slice(0, shownLines - 1), `  … ${hidden} lines more`, lines.at(-1)].join('\n')
}
