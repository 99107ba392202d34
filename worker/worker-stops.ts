import { AppError } from '#db/errors.ts'

/** Why a step ends before its time when its signal comes; the next worker goes on with it. */
export const workerStops = (cause?: unknown): AppError =>
  new AppError('unavailable', 'The worker stops', { reason: 'WORKER_STOPPING', cause })
