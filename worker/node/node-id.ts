import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** The node's id, made at its first start. It stands in the state directory: who keeps that keeps the node. */
export function readNodeId(stateDirectory: string): string {
  const file = path.join(stateDirectory, 'node-id')
  mkdirSync(stateDirectory, { recursive: true })
  // Linked under its name when it is whole; whoever comes second finds it there.
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${randomUUID()}\n`, { mode: 0o644 })
  try {
    linkSync(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft)
  }
  return readFileSync(file, 'utf8').trim()
}
