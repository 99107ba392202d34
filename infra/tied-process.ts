import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

const setpriv = '/usr/bin/setpriv'

/**
 * Starts a program in a session of its own, so that a terminal's Ctrl-C does not reach it before its turn.
 * On Linux the kernel sends it `signal` when this process ends, however that happens.
 */
export function spawnTied(
  signal: 'INT' | 'TERM',
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const detached = { ...options, detached: true }
  if (!existsSync(setpriv)) return spawn(command, args, detached)
  return spawn(setpriv, ['--pdeathsig', signal, '--', command, ...args], detached)
}

/** Whether a process of that id is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
