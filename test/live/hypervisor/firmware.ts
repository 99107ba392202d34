import { existsSync } from 'node:fs'

/** Why no UEFI VM can be made here; null when one can. QEMU's descriptors say which firmware a machine has: https://www.qemu.org/docs/master/interop/firmware.json */
export const firmwareUnavailable = (): string | null =>
  existsSync('/usr/share/qemu/firmware') ? null : 'there is no UEFI firmware (package ovmf)'
