import type { MediumChange } from '#worker/hypervisor/device-calls.ts'
import { requireDomain } from '../domain.ts'
import type { Images } from '../images.ts'
import { redefine } from '../redefine.ts'
import { DomainModificationImpact } from '../rpc/constants.gen.ts'
import { isLibvirtError } from '../rpc/errors.ts'
import { remote } from '../rpc/protocol.gen.ts'
import { hasStopped } from '../snapshot/has-stopped.ts'
import { diskKey, withChangedDevice, withMedium } from '../xml/edit-devices.ts'
import { readDomain } from '../xml/read-domain.ts'
import { findPlugged, type PlugDeps } from './plug.ts'

/** VIR_DOMAIN_DEVICE_MODIFY_FORCE */
const forced = 4
/** libvirt waits for a guest to open a drive that it has locked. */
const mediumTimeoutMs = 60_000

interface Deps extends PlugDeps {
  images: Images
}

/** Gives a drive its medium in what runs, then in what the next start takes. */
export async function changeMedia(deps: Deps, { vmId, target, iso, force }: MediumChange): Promise<void> {
  const { connection, slowConnection, images } = deps
  const file = iso === null ? null : (await images.find('iso', iso)).path
  const dom = await requireDomain(connection, vmId)
  const key = diskKey(target)
  const drive = await findPlugged(connection, dom, key)
  if (drive !== null && fileIn(drive) !== file) {
    const flags = DomainModificationImpact.LIVE | (force ? forced : 0)
    const xml = withMedium(drive, file)
    try {
      await slowConnection.call(remote.domainUpdateDeviceFlags, { dom, xml, flags }, { timeoutMs: mediumTimeoutMs })
    } catch (error) {
      if (!isLibvirtError(error) || !(await hasStopped(connection, dom))) throw error
    }
  }
  await redefine(connection, dom, (xml) =>
    withChangedDevice(xml, key, (inDefinition) =>
      fileIn(inDefinition) === file ? inDefinition : withMedium(inDefinition, file),
    ),
  )
}

const fileIn = (driveXml: string): string | null =>
  readDomain(`<domain><devices>${driveXml}</devices></domain>`).disks[0]?.path ?? null
