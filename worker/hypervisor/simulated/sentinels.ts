import { AppError } from '#db/errors.ts'

/** A VM whose name contains one of these makes the simulated node behave so, in tests and in trials. */
export const sentinels = {
  failsToDefine: 'fails-to-define',
  failsToStart: 'fails-to-start',
  failsToSnapshot: 'fails-to-snapshot',
  failsToRevert: 'fails-to-revert',
  failsToReclaim: 'fails-to-reclaim',
  disksOutOfStep: 'disks-out-of-step',
  ignoresShutdown: 'ignores-shutdown',
  keepsDevices: 'keeps-devices',
  hasNoAgent: 'has-no-agent',
  agentHangs: 'agent-hangs',
} as const

export type Sentinel = keyof typeof sentinels

export const isSentinel = (name: string, sentinel: Sentinel): boolean => name.includes(sentinels[sentinel])

/** Throws `internal` for a VM of that name. */
export function failIf(name: string, sentinel: Sentinel): void {
  if (isSentinel(name, sentinel)) {
    throw new AppError('internal', `The simulated node was told to: ${sentinels[sentinel]}`, { reason: 'SIMULATED' })
  }
}
