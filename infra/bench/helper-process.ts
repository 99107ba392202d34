import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** A process of the benchmark's own that measures what it is asked to. */
export interface HelperProcess<Request> {
  /** Samples, ms. */
  measure(request: Request): Promise<number[]>
  stop(): Promise<void>
}

/** Starts a file of this directory that calls `answerRequests`. */
export function startHelper<Request extends object>(file: string, env: NodeJS.ProcessEnv): HelperProcess<Request> {
  // Without the preloads of `npm run bench`, which let go of the channel.
  const child = fork(path.join(import.meta.dirname, file), { env: { ...process.env, ...env }, execArgv: [] })
  const exited = once(child, 'exit')
  const lost = exited.then(() => Promise.reject(new Error(`${file} ended`)))
  lost.catch(() => {})
  return {
    measure(request) {
      const reply = new Promise<number[]>((resolve, reject) => {
        child.once('message', (samples) => resolve(samples as number[]))
        child.send(request, (error) => error && reject(error))
      })
      return Promise.race([reply, lost])
    },
    async stop() {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}

/** In the helper: answers each request, one at a time; `close` runs when the benchmark lets go. */
export function answerRequests<Request>(
  measure: (request: Request) => Promise<number[]>,
  close: () => Promise<void> = async () => {},
): void {
  process.on('message', async (request) => process.send?.(await measure(request as Request)))
  process.once('disconnect', () => void close())
}
