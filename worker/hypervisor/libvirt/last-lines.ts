import type { FileHandle } from 'node:fs/promises'

const blockBytes = 65_536
/** Of one answer, far below the 4 MiB that gRPC takes. */
const mostBytes = 1_048_576
const longestLine = 4096
const newline = 0x0a

/** The last lines of a file, oldest first: at most 1 MiB of them, and of each at most 4096 characters. What is no UTF-8 is replaced. */
export async function lastLines(file: Pick<FileHandle, 'read' | 'stat'>, count: number): Promise<string[]> {
  const { size } = await file.stat()
  let start = size
  let tail = Buffer.alloc(0)
  // One more than lines are wanted: the last one ends with it.
  while (start > 0 && tail.length < mostBytes && newlinesIn(tail) <= count) {
    const length = Math.min(blockBytes, start)
    start -= length
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start)
    tail = Buffer.concat([buffer.subarray(0, bytesRead), tail])
  }
  const lines = tail.toString('utf8').split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.slice(-count).map(cut)
}

const newlinesIn = (bytes: Buffer): number => bytes.reduce((found, byte) => found + (byte === newline ? 1 : 0), 0)

const cut = (line: string): string => (line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line)
