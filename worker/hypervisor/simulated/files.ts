/** A file of the pool. A disk's content is what its file holds, and below that what its backing file's chain holds. */
export interface SimulatedFile {
  backing: string | null
  /** The base image that it stands on, where it stands on one. */
  image?: string | undefined
  /** What was written to this file: a word for each block, by the block's number. */
  blocks: Record<number, string>
}

export type SimulatedFiles = Record<string, SimulatedFile>

const blockBytes = 65_536

export const fileBytes = ({ blocks }: SimulatedFile): number => Object.keys(blocks).length * blockBytes

/** The blocks of a disk as its guest reads them. */
export function diskContent(files: SimulatedFiles, name: string | null): Record<number, string> {
  const file = name === null ? undefined : files[name]
  return file ? { ...diskContent(files, file.backing), ...file.blocks } : {}
}

/** Makes a file that holds nothing of its own. One of that name stays as it is. */
export function addFile(files: SimulatedFiles, name: string, backing: string | null = null, image?: string): void {
  files[name] ??= { backing, blocks: {}, image }
}

/** A file's blocks go down into the file below, which takes its place; whoever stands on it is to be told. */
export function commitDown(files: SimulatedFiles, name: string): { into: string; copiedBytes: number } {
  const top = files[name]
  const below = top?.backing ? files[top.backing] : undefined
  if (!top?.backing || !below) throw new Error(`${name} has no file below it`)
  Object.assign(below.blocks, top.blocks)
  delete files[name]
  rebase(files, name, top.backing)
  return { into: top.backing, copiedBytes: fileBytes(top) }
}

/** What the file below holds comes up into this one, which stands then on what that one stood on. */
export function pullUp(files: SimulatedFiles, name: string): { copiedBytes: number } {
  const top = files[name]
  const below = top?.backing ? files[top.backing] : undefined
  if (!top || !below) throw new Error(`${name} has no file below it`)
  top.blocks = { ...below.blocks, ...top.blocks }
  top.backing = below.backing
  top.image = below.image
  return { copiedBytes: fileBytes(below) }
}

function rebase(files: SimulatedFiles, from: string, to: string): void {
  for (const file of Object.values(files)) if (file.backing === from) file.backing = to
}
