import type { GuestOs } from './profiles.ts'

/** Other names of guest OS profiles: of what runs, for who does not know what it is akin to. */
export const guestOsAliases = {
  default: 'generic',
  linux: 'generic',
  other: 'generic',
  rocky: 'rhel',
  almalinux: 'rhel',
  centos: 'rhel',
  oracle: 'rhel',
  ubuntu: 'debian',
  mint: 'debian',
  pop: 'debian',
  manjaro: 'arch',
  opensuse: 'suse',
  sles: 'suse',
  windows: 'windows_desktop',
  win10: 'windows_desktop',
  win11: 'windows_desktop',
  win2016: 'windows_server',
  win2019: 'windows_server',
  win2022: 'windows_server',
  win2025: 'windows_server',
  winxp: 'windows_legacy',
  win7: 'windows_legacy',
} as const satisfies Record<string, GuestOs>
