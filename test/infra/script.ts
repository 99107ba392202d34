import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

export interface Script {
  pid: number
  /** The next line that it prints. */
  line(): Promise<string>
  /** Ends it by SIGKILL. */
  kill(): Promise<void>
}

/** Runs TypeScript in a process of its own, within the repository's imports; it ends with the test at the latest. */
export function startScript(code: string): Script {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  onTestFinished(kill)
  return {
    pid: child.pid ?? 0,
    kill,
    async line() {
      const { value, done } = await lines.next()
      if (done) throw new Error('The script ended and printed no more')
      return value
    },
  }
}
