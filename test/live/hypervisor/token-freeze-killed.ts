import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { LibvirtNode } from './libvirt-node.ts'

/** Freezes a guest by a worker of its own, and kills that one. Resolves to the token that it gave out. */
export async function frozenByKilledWorker(
  { options }: Pick<LibvirtNode, 'options'>,
  vmId: string,
  timeoutSeconds: number,
): Promise<string> {
  const { log: _, ...rest } = options
  const script = fileURLToPath(new URL('token-freeze-worker.ts', import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify([rest, vmId, timeoutSeconds])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const [token] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  child.kill('SIGKILL')
  await exited
  return token
}
