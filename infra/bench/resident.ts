import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What this process holds in memory, without its garbage. */
export async function residentBytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage()
    await sleep(100)
  }
  return process.memoryUsage.rss()
}

/** What this process has used of the CPUs since its start. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
