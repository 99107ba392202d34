import type { XmlObject } from './render.ts'

/** xHCI, virtio-serial, balloon and rng take a port each, whatever the VM has. */
const fixedDevices = 4
const sparePorts = 4

/**
 * Root ports for the VM's own virtio devices and some free ones: on q35 a device can be hot-plugged only into a port
 * that is there from the start. Only the last one is named; libvirt fills in those before it.
 */
export const lastPcieRootPort = (vmDevices: number): XmlObject => ({
  '@type': 'pci',
  '@index': vmDevices + fixedDevices + sparePorts,
  '@model': 'pcie-root-port',
})
