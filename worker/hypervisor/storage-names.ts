/** The names of a VM's files in the pool are fixed beforehand: whoever comes back after a crash knows what is whose. */

/** Everything that belongs to a VM begins so. */
export const vmPrefix = (vmId: string): string => `${vmId}.`

/** A VM's disk as it was made. */
export const diskVolume = (vmId: string, target: string): string => `${vmId}.${target}.qcow2`

/** A disk that came after its VM was made, by the operation that brought it. */
export const attachedVolume = (vmId: string, target: string, operationId: string): string =>
  `${vmId}.${target}.${operationId}.qcow2`

/** What takes a disk's writes after a snapshot. */
export const overlayVolume = (vmId: string, target: string, snapshotId: string): string =>
  `${vmId}.${target}.${snapshotId}.qcow2`

/** The saved memory of a snapshot. */
export const memoryVolume = (vmId: string, snapshotId: string): string => `${vmId}.${snapshotId}.mem`

/** The UEFI variables of a VM. */
export const nvramVolume = (vmId: string): string => `${vmId}.nvram.fd`

/** The UEFI variables as they were at a snapshot. */
export const nvramCopyVolume = (vmId: string, snapshotId: string): string => `${vmId}.${snapshotId}.nvram`

/** The drive that cloud-init in a VM's guest reads. */
export const seedVolume = (vmId: string): string => `${vmId}.seed.iso`

/** What a VM's guest wrote to its serial console. */
export const serialLog = (vmId: string): string => `${vmId}.serial.log`

/** Also those that were put aside when the file had grown. */
export const isSerialLog = (volume: string, vmId: string): boolean => volume.startsWith(serialLog(vmId))

/** Whether it holds a disk of the VM, now or once. */
export const isOfDisk = (volume: string, vmId: string, target: string): boolean =>
  volume.startsWith(`${vmPrefix(vmId)}${target}.`) && volume.endsWith('.qcow2')

/** Whether a file of the VM's belongs to that snapshot. */
export const isOfSnapshot = (volume: string, vmId: string, snapshotId: string): boolean =>
  volume.startsWith(vmPrefix(vmId)) && volume.includes(`.${snapshotId}.`)

/** A disk that outlived its VM. */
export const keptVolume = (id: string): string => `volume-${id}.qcow2`
