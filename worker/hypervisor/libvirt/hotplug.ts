import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import type { RunningSpec } from '#db/rules/spec-changes.ts'
import { hotplugOf, withHotplug } from '#db/rules/spec-hotplug.ts'
import { vcpusOf } from '#db/vm-spec.ts'
import type { VmDefinition } from '#worker/hypervisor/port.ts'
import { changeLivePassword } from './display-password.ts'
import { readLiveXml, readRunState, requireDomain } from './domain.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { DomainMetadataType, DomainModificationImpact, ErrorCode } from './rpc/constants.gen.ts'
import { isLibvirtError } from './rpc/errors.ts'
import { type Domain, remote } from './rpc/protocol.gen.ts'
import { metadataChange } from './xml/metadata.ts'
import { readDomain } from './xml/read-domain.ts'

interface Deps {
  connection: LibvirtConnection
  slowConnection: LibvirtConnection
  nodeId: string
}

/** https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainVcpuFlags */
const vcpuByAgent = 8

/** How long a guest may take until it has seen its new vCPUs. */
const agentTimeoutMs = 5000

/** How long a guest's balloon driver may take; a Linux takes 1 s for a GiB. */
const balloonTimeoutMs = 10_000
const lookEveryMs = 200

/**
 * Gives a VM that runs another display password, more vCPUs, and more or less memory, as far as it was started for it. Each is written down in the
 * live definition when it is done. Throws `failed_precondition` where the guest does not do its part.
 */
export async function hotplugVm(
  deps: Deps,
  { vmId, spec, displayPassword }: VmDefinition,
  timeoutMs = balloonTimeoutMs,
): Promise<void> {
  const { connection, nodeId } = deps
  const dom = await requireDomain(connection, vmId)
  const state = await readRunState(connection, dom)
  if (state === 'STOPPED') return
  if (displayPassword !== null) await changeLivePassword(connection, dom, displayPassword)
  let running = readDomain(await readLiveXml(connection, dom)).spec
  if (!running) return
  const { cores, sizeMib } = hotplugOf(running, spec)
  const writeDown = (given: RunningSpec) => {
    running = given
    const change = metadataChange({ vmId, nodeId, spec: given })
    const flags = DomainModificationImpact.LIVE
    return connection.call(remote.domainSetMetadata, { dom, type: DomainMetadataType.ELEMENT, ...change, flags })
  }
  if (cores !== undefined) {
    await addVcpus(deps, dom, vcpusOf({ ...running.cpu, cores }))
    await writeDown(withHotplug(running, { cores }))
  }
  if (sizeMib !== undefined) {
    if (state === 'PAUSED') throw guestStandsStill()
    await setBalloon(connection, dom, { fromMib: running.memory.sizeMib, toMib: sizeMib, timeoutMs })
    await writeDown(withHotplug(running, { sizeMib }))
  }
}

async function addVcpus({ connection, slowConnection }: Deps, dom: Domain, nvcpus: number): Promise<void> {
  await connection.call(remote.domainSetVcpusFlags, { dom, nvcpus, flags: DomainModificationImpact.LIVE })
  for (const deadline = Date.now() + agentTimeoutMs; ; await delay(lookEveryMs)) {
    try {
      // Many a Linux leaves new ones off until it is told.
      return void (await slowConnection.call(remote.domainSetVcpusFlags, { dom, nvcpus, flags: vcpuByAgent }))
    } catch (error) {
      if (!isLibvirtError(error)) throw error
      // They are there all the same; whoever has no agent switches them on in the guest.
      if (isLibvirtError(error, ErrorCode.AGENT_UNRESPONSIVE) || Date.now() > deadline) return
    }
  }
}

async function setBalloon(
  connection: LibvirtConnection,
  dom: Domain,
  { fromMib, toMib, timeoutMs }: { fromMib: number; toMib: number; timeoutMs: number },
): Promise<void> {
  const target = (mib: number) => {
    const flags = DomainModificationImpact.LIVE
    return connection.call(remote.domainSetMemoryFlags, { dom, memory: BigInt(mib * 1024), flags })
  }
  await target(toMib)
  for (const deadline = Date.now() + timeoutMs; ; await delay(lookEveryMs)) {
    const { currentMemoryMib } = readDomain(await readLiveXml(connection, dom))
    if (currentMemoryMib === toMib) return
    if (Date.now() < deadline) continue
    await target(fromMib)
    throw balloonStuck(currentMemoryMib)
  }
}

const guestStandsStill = (): AppError =>
  new AppError('failed_precondition', 'the VM is paused, so its guest cannot take or give back memory.', {
    reason: 'VM_IS_PAUSED',
  })

const balloonStuck = (mib: number): AppError =>
  new AppError(
    'failed_precondition',
    `the guest has ${mib} MiB and did not take or give back memory. Its virtio balloon driver may be missing.`,
    { reason: 'GUEST_KEPT_ITS_MEMORY' },
  )
