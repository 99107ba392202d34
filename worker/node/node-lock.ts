import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import { AppError } from '#db/errors.ts'

/** Held until released, or until the process ends, however it ends. */
export interface NodeLock {
  release(): void
}

/**
 * Makes sure that one worker at a time serves the node. The kernel holds the lock for our open file: util-linux's
 * `flock` takes it on the file it inherits, and it stays with us when that program has ended.
 * Throws `failed_precondition` when another worker has it.
 */
export function lockNode(stateDirectory: string): NodeLock {
  const file = path.join(stateDirectory, 'worker.lock')
  mkdirSync(stateDirectory, { recursive: true })
  const descriptor = openSync(file, 'a')
  const { status, error } = spawnSync('flock', ['--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', descriptor],
  })
  if (error || status !== 0) closeSync(descriptor)
  if (error)
    throw new AppError('failed_precondition', 'The program flock (package util-linux) cannot be run', { cause: error })
  if (status !== 0) {
    throw new AppError(
      'failed_precondition',
      `Another worker serves this node: it holds ${file}. Stop it first (fuser ${file} names its process), or give this one a state directory of its own (QUANTIX_STATE).`,
      { reason: 'NODE_LOCKED' },
    )
  }
  return { release: () => closeSync(descriptor) }
}
