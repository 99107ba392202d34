import { readInactiveXml, readLiveXml, readRunState } from '../domain.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { DomainModificationImpact } from '../rpc/constants.gen.ts'
import { isLibvirtError } from '../rpc/errors.ts'
import { type Domain, remote } from '../rpc/protocol.gen.ts'
import { hasStopped } from '../snapshot/has-stopped.ts'
import { type DeviceKey, findDevice, withoutChild } from '../xml/edit-devices.ts'

export interface PlugDeps {
  connection: LibvirtConnection
  /** For the calls that wait for the guest. */
  slowConnection: LibvirtConnection
}

/** libvirt waits 5 s for a guest to let go (qemuDomainRemoveDeviceWaitTime), and may wait for a job before. */
const plugTimeoutMs = 60_000

/**
 * Gives what runs the device that the next start has, at the same place, where it is free; a stopped VM is left as it is.
 * libvirt itself would plug in a card with the same address twice.
 */
export async function plug(deps: PlugDeps, dom: Domain, key: DeviceKey): Promise<void> {
  const { connection, slowConnection } = deps
  const isPlugged = async () => (await findPlugged(connection, dom, key)) !== null
  if (!(await isOn(connection, dom)) || (await isPlugged())) return
  const device = findDevice(await readInactiveXml(connection, dom), key)
  if (device === null) throw new Error(`the definition has no ${key.element} ${key.id}`)
  const attach = async (xml: string) => {
    const flags = DomainModificationImpact.LIVE
    await slowConnection.call(remote.domainAttachDeviceFlags, { dom, xml, flags }, { timeoutMs: plugTimeoutMs })
  }
  const wanted = withoutChild(device, 'boot')
  // What boots after it may have its place in the order until the next start.
  for (const xml of new Set([device, wanted])) {
    try {
      return await attach(xml)
    } catch (error) {
      if (!isLibvirtError(error)) throw error
      if ((await hasStopped(connection, dom)) || (await isPlugged())) return
    }
  }
  await attach(withoutChild(wanted, 'address'))
}

/** Takes the device out of what runs. Resolves to whether it is out: the guest is asked, and takes its time. */
export async function unplug(deps: PlugDeps, dom: Domain, key: DeviceKey): Promise<boolean> {
  const { connection, slowConnection } = deps
  const xml = await findPlugged(connection, dom, key)
  if (xml === null) return true
  try {
    const flags = DomainModificationImpact.LIVE
    await slowConnection.call(remote.domainDetachDeviceFlags, { dom, xml, flags }, { timeoutMs: plugTimeoutMs })
  } catch (error) {
    if (!isLibvirtError(error)) throw error
    const isOut = (await hasStopped(connection, dom)) || (await findPlugged(connection, dom, key)) === null
    if (!isOut && !isAskedAlready(error)) throw error
    return isOut
  }
  return (await findPlugged(connection, dom, key)) === null
}

/** QEMU asks a guest once. */
const isAskedAlready = ({ message }: Error): boolean => /already in the process of unplug/.test(message)

export const isOn = async (connection: LibvirtConnection, dom: Domain): Promise<boolean> =>
  (await readRunState(connection, dom)) !== 'STOPPED'

/** The device of what runs; null where it is not in it, and while nothing runs. */
export async function findPlugged(connection: LibvirtConnection, dom: Domain, key: DeviceKey): Promise<string | null> {
  return (await isOn(connection, dom)) ? findDevice(await readLiveXml(connection, dom), key) : null
}
