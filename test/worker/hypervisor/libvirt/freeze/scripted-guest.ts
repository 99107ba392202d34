import type { LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { DomainState } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { qemu, remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'

/** A running guest as a connection to libvirt shows it, with an agent that freezes and thaws. */
export function aScriptedGuest(vmId: string) {
  const guest = { isFrozen: false, thaws: 0, connect }

  function answer(execute: string): unknown {
    if (execute === 'guest-get-fsinfo') return [{ name: 'vda1', mountpoint: '/', type: 'ext4' }]
    if (execute === 'guest-fsfreeze-status') return guest.isFrozen ? 'frozen' : 'thawed'
    guest.isFrozen = execute === 'guest-fsfreeze-freeze'
    if (!guest.isFrozen) guest.thaws++
    return 1
  }

  async function connect(): Promise<LibvirtConnection> {
    const call = async ({ name }: { name: string }, { cmd }: { cmd?: string }) => {
      if (name === remote.domainLookupByUuid.name) return { dom: { name: vmId, uuid: vmId, id: 1 } }
      if (name === remote.domainGetState.name) return { state: DomainState.RUNNING, reason: 1 }
      if (name === qemu.domainAgentCommand.name && cmd)
        return { result: JSON.stringify({ return: answer(JSON.parse(cmd).execute) }) }
      throw new Error(`a scripted guest knows no ${name}`)
    }
    return { call, close() {} } as unknown as LibvirtConnection
  }

  return guest
}
