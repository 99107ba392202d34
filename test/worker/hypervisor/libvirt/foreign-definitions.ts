import { readFileSync } from 'node:fs'

export const foreignNames = [
  'virt-install',
  'virt-manager-windows',
  'proxmox-like',
  'ovirt-like',
  'cockpit',
  'passthrough',
  'by-hand',
] as const

/** A definition as other programs, and people, write them. */
export const foreignDefinition = (name: (typeof foreignNames)[number]): string =>
  readFileSync(new URL(`../../../foreign/${name}.xml`, import.meta.url), 'utf8')
