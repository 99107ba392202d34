/** Longest an orderly stop may take: a worker puts down what runs within 3 s, and each close has a deadline of its own. */
const graceMs = 10_000

/**
 * Aborted when the process is asked to stop (SIGTERM, SIGINT). A process that has not ended `within` milliseconds later
 * is ended then: a server that went away at the wrong moment can leave a statement without an answer for ever.
 */
export function stopSignal({ within = graceMs } = {}): AbortSignal {
  const stopping = new AbortController()
  const stop = (signal: NodeJS.Signals) => {
    setTimeout(() => process.exit(1), within).unref()
    stopping.abort(signal)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  return stopping.signal
}
