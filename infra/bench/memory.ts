import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { startControlPlane } from './control-plane.ts'
import type { BenchGroup, Figure } from './figure.ts'
import { startServed } from './served-program.ts'

const idleMs = 10_000

/** Resident memory of the programs when nothing is asked of them, beside a Node.js that does nothing. */
export const benchMemory: BenchGroup = async function* (say) {
  const plane = await startControlPlane('redis', say)
  try {
    say(`memory: idle for ${idleMs / 1000} s …`)
    const bare = await startServed('infra/bench/bare-node.ts', {}, { logFile: '/dev/null', isReady: async () => true })
    await sleep(idleMs)
    const reference = await residentMb(bare.pid)
    await bare.stop()
    for (const name of ['api', 'worker'] as const) {
      yield figure(name, await residentMb(plane[name].pid), reference)
    }
  } finally {
    await plane.stop()
  }
}

const figure = (name: string, value: number, reference: number): Figure => ({
  name: `idle memory, ${name}`,
  unit: 'MB',
  value,
  reference,
  goal: { of: 'value', is: '≤', limit: 130 },
  n: 1,
  note: 'Node.js itself, doing nothing',
})

/** https://docs.kernel.org/filesystems/proc.html, VmRSS. */
async function residentMb(pid: number): Promise<number> {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (kib === undefined) throw new Error(`process ${pid} is gone`)
  return (Number(kib) * 1024) / 1e6
}
