import path from 'node:path'
import type { DiskProblem } from '#db/schema/vm.ts'
import type { StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import type { DiskView } from './disk-views.ts'
import type { OverlayFile } from './overlay-file.ts'

/** What is to be done about a disk. */
export type Verdict =
  | { kind: 'agrees' }
  /** QEMU writes to overlays that libvirt knows nothing of: their data goes down into the file that it knows. */
  | { kind: 'commit'; into: string }
  /** The next start would take another file than the one that holds the last writes. */
  | { kind: 'redefine'; to: string }
  /** QEMU has merged an overlay into the file below it, and libvirt does not know: QEMU turns back to the overlay. */
  | { kind: 'turn-back' }
  /** Nothing is missing where both files have the same content; otherwise it is a problem. */
  | { kind: 'compare'; known: string; overlay: string; problem: DiskProblem }
  /** An overlay whose content the disk has: what a merge that was cut off leaves. */
  | { kind: 'remove'; file: string }
  | { kind: 'problem'; problem: DiskProblem }

const agrees: Verdict = { kind: 'agrees' }

/** What QEMU writes to is the truth about a disk; everything else follows it. */
export function judgeRunning(
  { target, live, inactive, open }: DiskView,
  snapshots: readonly StoredSnapshot[],
  isOwn: (file: string) => boolean,
  /** Whether nothing was written since one file was merged into the other. */
  isSame: (child: string, parent: string) => boolean = () => false,
): Verdict {
  const [written = live] = open?.chain ?? []
  if (written !== live && isSame(live, written)) return { kind: 'turn-back' }
  if (written !== live) return judgeSplit(target, live, open?.chain ?? [], snapshots, isOwn)
  const holds = snapshotOf(snapshots, live)
  if (holds !== null) return problem('DISK_HOLDS_SNAPSHOT', overwrites(target, live, holds))
  if (inactive === null || inactive === live) return agrees
  if (isOwn(inactive)) return { kind: 'redefine', to: live }
  return problem(
    'DISK_DEFINITION_DIFFERS',
    `Disk ${target} is ${live}, and the next start would take ${inactive}, which is no file of this VM. ` +
      'Give the persistent definition the file that runs (virsh edit).',
  )
}

function judgeSplit(
  target: string,
  known: string,
  chain: readonly string[],
  snapshots: readonly StoredSnapshot[],
  isOwn: (file: string) => boolean,
): Verdict {
  const depth = chain.indexOf(known)
  const unknown = chain.slice(0, depth)
  const mayMerge =
    depth > 0 &&
    snapshotOf(snapshots, known) === null &&
    unknown.every((file) => isOwn(file) && snapshotOf(snapshots, file) === null)
  if (mayMerge) return { kind: 'commit', into: known }
  return problem(
    'DISK_CHAIN_UNKNOWN',
    `QEMU writes disk ${target} to ${chain[0]}, and libvirt knows ${known}: somebody changed it behind libvirt's back. ` +
      'Stopping the VM would lose what is written there; merge the file, or copy it away, first.',
  )
}

/** Files by their path. */
export type JudgedFile = Pick<OverlayFile, 'backing' | 'empty' | 'modifiedAtMs'>
export type OverlayFiles = ReadonlyMap<string, JudgedFile>

/**
 * A disk whose QEMU has ended. A libvirtd killed in the middle of a snapshot, and QEMU after it, leave the last writes
 * in an overlay of the file that the definition names. What was written to last is the truth.
 */
export function judgeStopped(
  { target, live: known }: DiskView,
  snapshots: readonly StoredSnapshot[],
  files: OverlayFiles,
): Verdict {
  const holds = snapshotOf(snapshots, known)
  const heads = headsAbove(known, files).filter((file) => snapshotOf(snapshots, file) === null)
  const written = heads.filter((file) => files.get(file)?.empty === false)
  if (written.length === 0 && holds === null) return agrees
  const [head, other] = written.length > 0 ? written : heads
  if (head === undefined) return problem('DISK_HOLDS_SNAPSHOT', overwrites(target, known, holds))
  if (other === undefined && modifiedAtMs(files, known) <= modifiedAtMs(files, head)) {
    return { kind: 'redefine', to: head }
  }
  const leftOut = problem(
    'DISK_WRITES_LEFT_OUT',
    `Disk ${target} is ${known}, and there is ${head} with other writes on top of it: it cannot be told which holds the ` +
      'last ones. Compare them; then remove the overlay, or give it to the disk (virsh edit).',
  )
  return other === undefined && holds === null ? { ...leftOut, kind: 'compare', known, overlay: head } : leftOut
}

/** The files on top of which nothing stands, of those that stand on this one. */
function headsAbove(file: string, files: OverlayFiles): string[] {
  const overlaysOf = (below: string) => [...files].filter(([, { backing }]) => backing === below).map(([name]) => name)
  const above = new Set(overlaysOf(file))
  for (const overlay of above) for (const higher of overlaysOf(overlay)) above.add(higher)
  return [...above].filter((overlay) => overlaysOf(overlay).length === 0)
}

const modifiedAtMs = (files: OverlayFiles, file: string): number => files.get(file)?.modifiedAtMs ?? 0

/** The snapshot that the file holds a disk of; null where it holds none. */
const snapshotOf = (snapshots: readonly StoredSnapshot[], file: string): string | null =>
  snapshots.find(({ disks }) => disks.some(({ volume }) => volume === path.basename(file)))?.snapshotId ?? null

const overwrites = (target: string, file: string, snapshotId: string | null): string =>
  `Disk ${target} writes to ${file}, which holds snapshot ${snapshotId}: the VM would overwrite it. ` +
  'Give the disk the file that it had, or a new overlay (virsh edit).'

const problem = (reason: string, message: string) => ({ kind: 'problem', problem: { reason, message } }) as const
