/** One file of a VM's disks. A base image is nobody's to change, so it is in no tree. */
export interface TreeFile {
  name: string
  /** The file of the VM that this one is an overlay of; null for the lowest. */
  backing: string | null
  /** What it takes on the disk: the most that merging it elsewhere copies. */
  allocatedBytes: number
  /** A definition, QEMU or a snapshot that is kept names it: what is read through it must stay. */
  needed: boolean
  /** A running QEMU has it open. */
  open: boolean
  /** What bringing the data of the file below up into it costs besides, in bytes that could be copied meanwhile. */
  pullOverheadBytes: number
}

/** In the middle of a chain that runs libvirt has to follow: the guest stands still twice more, for a second in all. */
export const middlePullOverheadBytes = 64 * 2 ** 20

/**
 * `unlink`: nothing needs the file, and nothing stands on it.
 * `commit`: the child's data goes down into its parent; afterwards one of both is left, with what was read through the child.
 * `pull`: the parent's data comes up into its child, which stands on the parent's own backing then; the parent stays.
 */
export type ReclaimAction =
  | { kind: 'unlink'; file: string }
  | { kind: 'commit'; child: string; parent: string }
  | { kind: 'pull'; child: string; parent: string }

/**
 * The next thing to do about files that nothing needs; null when what is left must stay. A file that several others
 * stand on stays until one of them is left. Each merge copies the smaller side, unless the other is less work in all, and
 * the smallest merge comes first.
 */
export function planReclaim(files: readonly TreeFile[]): ReclaimAction | null {
  const overlays = Map.groupBy(files, ({ backing }) => backing)
  const spare = files.filter(({ needed }) => !needed).map((file) => ({ file, on: overlays.get(file.name) ?? [] }))
  const unused = spare.find(({ file, on }) => on.length === 0 && !file.open)
  if (unused) return { kind: 'unlink', file: unused.file.name }
  const merges = spare.flatMap(({ file, on: [child, second] }) =>
    child && !second && child.open === file.open ? [merge(file, child)] : [],
  )
  return merges.toSorted((a, b) => a.bytes - b.bytes)[0]?.action ?? null
}

/** Where both cost the same the data is pulled: every name stays. */
function merge(parent: TreeFile, child: TreeFile): { action: ReclaimAction; bytes: number } {
  const pullBytes = parent.allocatedBytes + child.pullOverheadBytes
  const kind = pullBytes <= child.allocatedBytes ? 'pull' : 'commit'
  const bytes = kind === 'pull' ? parent.allocatedBytes : child.allocatedBytes
  return { action: { kind, child: child.name, parent: parent.name }, bytes }
}
