import path from 'node:path'
import type { Logger } from 'pino'
import { AppError } from '#db/errors.ts'
import type { Settings } from '#db/settings.ts'
import type { Hypervisor } from './port.ts'
import { SimulatedHypervisor } from './simulated/hypervisor.ts'

/** The hypervisor that the settings name: libvirt, or for `simulated:///` a simulated one that keeps its state in a file. */
export function openHypervisor(settings: Settings, _nodeId: string, _log: Logger): Hypervisor {
  const uri = settings.libvirtUri ?? 'qemu:///system'
  if (uri === 'simulated:///') {
    return new SimulatedHypervisor({ file: path.join(settings.stateDirectory, 'simulated-node.json') })
  }
  throw new AppError('unimplemented', `${uri}: libvirt is not wired yet`)
}
