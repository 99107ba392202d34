import { type GuestOs, guestOses } from './profiles.ts'

/** Other names of guest OS profiles: of what runs, for who does not know what it is akin to. */
const aliases = {
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

type Alias = keyof typeof aliases
export type GuestOsName = GuestOs | Alias

/** Every name that a profile goes by. */
export const guestOsNames = [...guestOses, ...Object.keys(aliases)] as GuestOsName[]

export const guestOsNamed = (name: GuestOsName): GuestOs => (isAlias(name) ? aliases[name] : name)

const isAlias = (name: GuestOsName): name is Alias => name in aliases
