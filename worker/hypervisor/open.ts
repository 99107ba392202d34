import path from 'node:path'
import type { Logger } from 'pino'
import type { Settings } from '#db/settings.ts'
import { openLibvirtHypervisor } from './libvirt/open.ts'
import type { Hypervisor } from './port.ts'
import { createSimulatedHypervisor } from './simulated/hypervisor.ts'

export interface OpenOptions {
  settings: Settings
  nodeId: string
  log: Logger
}

/**
 * The hypervisor that the settings name: libvirt (`qemu:///system` unless they say otherwise), or for `simulated:///`
 * a simulated one that keeps its state in a file. Throws `unavailable` while libvirt cannot be reached.
 */
export async function openHypervisor({ settings, nodeId, log }: OpenOptions): Promise<Hypervisor> {
  const { stateDirectory, imagesDirectory, poolDirectories, qemuLogDirectory, virtType, cpuFeatures } = settings
  const uri = settings.libvirtUri ?? 'qemu:///system'
  if (uri === 'simulated:///') {
    const file = path.join(stateDirectory, 'simulated-node.json')
    return createSimulatedHypervisor({ file, imagesDirectory, poolDirectories })
  }
  const poolDirectory = path.join(stateDirectory, 'pool')
  return openLibvirtHypervisor({
    uri,
    nodeId,
    poolDirectory,
    imagesDirectory,
    poolDirectories,
    logDirectory: qemuLogDirectory,
    virtType,
    cpuFeatures,
    stateDirectory,
    log,
  })
}
