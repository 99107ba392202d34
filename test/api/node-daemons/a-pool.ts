import { credentials } from '@grpc/grpc-js'
import { pino } from 'pino'
import type { PoolTimes } from '#api/node-daemons/channel.ts'
import { createDaemonPool } from '#api/node-daemons/daemon-pool.ts'
import type { NodeDaemon } from '#api/node-daemons/node-daemon.ts'
import { eventually } from '#test/db/eventually.ts'

/** As in production, but everything that a healthy node does sooner. */
const quickTimes: PoolTimes = { checkMs: 200, answerMs: 5000, firstPauseMs: 30, longestPauseMs: 120 }

/** For nodes that are to be given up. A slow machine gives up others as well; they come back. */
export const impatient: Partial<PoolTimes> = { answerMs: 300 }

export function aPool(onTestFinished: (close: () => void) => void, times: Partial<PoolTimes> = {}) {
  const pool = createDaemonPool({
    credentials: () => credentials.createInsecure(),
    log: pino({ level: 'silent' }),
    times: { ...quickTimes, ...times },
  })
  onTestFinished(() => pool.close())
  return pool
}

export const until = (daemon: NodeDaemon, state: NodeDaemon['state']) => eventually(() => daemon.state === state)
