import type { DiskSpec, NicSpec } from '#db/vm-spec.ts'
import { isPcie } from './nic.ts'
import type { XmlObject } from './render.ts'

interface PluggedDevices {
  disks: readonly Pick<DiskSpec, 'bus'>[]
  nics: readonly Pick<NicSpec, 'model'>[]
  rng: boolean
}

/** xHCI, virtio-serial and balloon take a port each, whatever the VM has. */
const fixedDevices = 3
/** Four disks and four cards, say. */
const sparePorts = 8

/**
 * Root ports for the VM's own devices and some free ones: on q35 a device can be hot-plugged only into a port that is
 * there from the start. Only the last one is named; libvirt fills in those before it.
 */
export const lastPcieRootPort = (spec: PluggedDevices): XmlObject => ({
  '@type': 'pci',
  '@index': fixedDevices + devicesOf(spec) + sparePorts,
  '@model': 'pcie-root-port',
})

function devicesOf({ disks, nics, rng }: PluggedDevices): number {
  // All SCSI disks share a controller. For what is on conventional PCI, libvirt adds a bridge with a port of its own.
  const hasScsi = disks.some(({ bus }) => bus === 'scsi')
  return (
    disks.filter(({ bus }) => bus === 'virtio').length +
    nics.filter(isPcie).length +
    [hasScsi, rng].filter(Boolean).length
  )
}
