import { z } from 'zod'
import { AppError } from '#db/errors.ts'
import type { FrozenFileSystem } from '#worker/hypervisor/agent-calls.ts'

/** Linux cannot freeze these (no freeze_fs, or nothing to write), nor Windows those that it has; the agent passes over them without a word. */
const unfreezable = new Set([
  ...['vfat', 'msdos', 'exfat', 'fat', 'fat32', 'ntfs3', 'fuseblk', 'hfs', 'hfsplus'],
  ...['iso9660', 'udf', 'cdfs', 'squashfs', 'erofs'],
])

/** A guest may name what it likes; this much is kept of it. */
const namesMax = 256
const nameLengthMax = 1024

const name = z
  .string()
  .max(nameLengthMax)
  .refine((text) => text.isWellFormed())
const fileSystem = z
  .object({
    /** Of its device; the same for each of its mount points. */
    name,
    mountpoint: name,
    type: name,
    /** Older agents do not say more of the device. */
    disk: z
      .tuple([z.object({ dev: name })], z.unknown())
      .optional()
      .catch(undefined),
  })
  .transform(({ disk, ...named }) => ({ ...named, device: disk?.[0].dev ?? named.name }))

/** A mounted file system, as the agent's guest-get-fsinfo names it. */
export type GuestFileSystem = z.output<typeof fileSystem>

/** What of the agent's answer has the shape of file systems. */
export function readFileSystems(answer: unknown): GuestFileSystem[] {
  if (!Array.isArray(answer)) return []
  return answer.flatMap((part) => fileSystem.safeParse(part).data ?? []).slice(0, namesMax)
}

const canFreeze = ({ type }: GuestFileSystem): boolean => !unfreezable.has(type.toLowerCase())

/** One of each device: what is mounted twice is frozen once, and counted once. */
const devicesOf = (mounted: readonly GuestFileSystem[]): GuestFileSystem[] =>
  [...Map.groupBy(mounted, ({ name }) => name).values()].flatMap(([first]) => first ?? [])

/** Which were frozen when the agent froze `count` of them, it says no more; null where the numbers do not agree: then nobody knows. */
function frozenOf(mounted: readonly GuestFileSystem[], count: number): GuestFileSystem[] | null {
  const devices = devicesOf(mounted)
  return [devices.filter(canFreeze), devices].find(({ length }) => length === count) ?? null
}

/** Where the file systems that were frozen are mounted; empty where nobody knows. */
export const frozenMountPoints = (mounted: readonly GuestFileSystem[], count: number): string[] =>
  (frozenOf(mounted, count) ?? []).map(({ mountpoint }) => mountpoint).toSorted()

/** The file systems that a guest is to freeze. */
export interface FreezePlan {
  /** Every one that was asked about. */
  fileSystems: GuestFileSystem[]
  /** What to name to the agent; null means all. */
  mountPoints: string[] | null
  /** Whether nothing that can be frozen is left out. */
  isWhole: boolean
}

/** `mountPoints` are those that were asked for, none means all. Throws `invalid_argument` for one that cannot be frozen. */
export function planFreeze(mounted: readonly GuestFileSystem[], mountPoints: readonly string[]): FreezePlan {
  if (mountPoints.length === 0) return { fileSystems: devicesOf(mounted), mountPoints: null, isWhole: true }
  const fileSystems = [...new Set(mountPoints)].map((mountPoint) => freezableAt(mounted, mountPoint))
  const names = new Set(fileSystems.map(({ name }) => name))
  return {
    fileSystems,
    mountPoints: fileSystems.map(({ mountpoint }) => mountpoint),
    isWhole: mounted.filter(canFreeze).every(({ name }) => names.has(name)),
  }
}

function freezableAt(mounted: readonly GuestFileSystem[], mountPoint: string): GuestFileSystem {
  const found = mounted.find(({ mountpoint }) => mountpoint === mountPoint)
  if (found && canFreeze(found)) return found
  const [reason, what] = found
    ? ['MOUNT_POINT_CANNOT_FREEZE', `What the guest has mounted at ${mountPoint} cannot be frozen: it is ${found.type}`]
    : ['MOUNT_POINT_NOT_FOUND', `The guest has nothing mounted at ${mountPoint}`]
  throw new AppError('invalid_argument', `${what}. Nothing was frozen. Name others, or none: then all are frozen.`, {
    reason,
    details: { mountPoint },
  })
}

/** What became of a plan whose agent says that it froze `count` file systems; null where that is not all of them. */
export function frozenBy({ fileSystems }: FreezePlan, count: number): FrozenFileSystem[] | null {
  const names = frozenOf(fileSystems, count)?.map(({ name }) => name)
  if (!names || names.length === 0) return null
  return fileSystems.map(({ name, mountpoint, device, type }) => ({
    mountPoint: mountpoint,
    device,
    type,
    frozen: names.includes(name),
    error: names.includes(name) ? null : `A file system of type ${type} cannot be frozen.`,
  }))
}
