import { type Logger, pino } from 'pino'

const standardOutput = 1

/**
 * A program's log, on its standard output. Every line is written when it is logged: a destination of pino's own choosing is
 * flushed once more as the program ends, and where nobody reads any more that goes on for ever (sonic-boom's `flushSync`
 * tries again after EPIPE, without end).
 */
export const programLog = (name: string): Logger =>
  pino({ name }, pino.destination({ dest: standardOutput, sync: true }))
