import type { LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'

/** A domain of somebody else's with this disk; its guest is empty, and runs nothing but its firmware. */
export async function definedWith(connection: LibvirtConnection, uuid: string, diskXml: string) {
  const xml = `<domain type='qemu'><name>foreign-${uuid}</name><uuid>${uuid}</uuid><memory unit='MiB'>32</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type></os>
    <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>${diskXml}<memballoon model='none'/></devices></domain>`
  const { dom } = await connection.call(remote.domainDefineXmlFlags, { xml, flags: 0 })
  return {
    dom,
    /** Leaves it standing still: it holds its disk, and costs nothing. */
    start: () => connection.call(remote.domainCreateWithFlags, { dom, flags: 1 }),
    destroy: () => connection.call(remote.domainDestroyFlags, { dom, flags: 0 }),
    undefine: async () => {
      await connection.call(remote.domainUndefineFlags, { dom, flags: 0 })
    },
  }
}
