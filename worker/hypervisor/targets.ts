/** The device name of a VM's nth disk, from 0: vda, vdb, … vdz, vdaa. */
export const diskTarget = (index: number): string => `vd${letters(index)}`

/** The device name of a VM's nth cdrom, from 0: sda, sdb, … */
export const cdromTarget = (index: number): string => `sd${letters(index)}`

const letters = (index: number): string =>
  (index >= 26 ? letters(Math.floor(index / 26) - 1) : '') + String.fromCharCode('a'.charCodeAt(0) + (index % 26))
