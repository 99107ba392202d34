import { spawnSync } from 'node:child_process'

/** Runs the commands one after the other, their output shown. Ends the process with the status of the first that fails. */
export function runEach(commands: readonly (readonly [name: string, ...args: string[]])[]): void {
  for (const [name, ...args] of commands) {
    const { status, error } = spawnSync(name, args, { stdio: 'inherit' })
    if (error) throw error
    if (status !== 0) process.exit(status ?? 1)
  }
}
