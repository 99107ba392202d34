import { AppError } from '#db/errors.ts'
import type { GuestExecuted, GuestExecution } from '#worker/hypervisor/agent-calls.ts'
import { failedFor } from './errors.ts'
import type { GuestAgent } from './guest.ts'
import { awaitEnd, type Ended, startProgram } from './programs.ts'
import { runScript } from './run-script.ts'
import { keepingScript, leavingScript, scriptSays, signalScript } from './scripts.ts'

/** For a program that is asked to end. */
const graceMs = 2_000
const msPerSecond = 1000
/** Of a program that is given an environment: that is all of it then. */
const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const uncancelled = new AbortController().signal

/** Runs a program in the guest. One whose time is up, or whose caller has left, is ended with all that it has started. */
export async function executeInGuest(
  agent: GuestAgent,
  request: GuestExecution,
  signal: AbortSignal,
): Promise<GuestExecuted> {
  const { timeoutSeconds, outputLimitBytes, waitForExit } = request
  const startedAt = performance.now()
  const { pid, keepsOutput } = await start(agent, request, signal)
  const inTime = await awaitEnd(agent, pid, timeoutSeconds * msPerSecond, signal).catch(async (error) => {
    if (signal.aborted) await endProgram(agent, pid)
    throw error
  })
  const ended = inTime ?? (await endProgram(agent, pid))
  if (ended) refuseUnlessRun(ended)
  const output = (kept: Buffer = Buffer.alloc(0)) => ({
    data: kept.subarray(0, outputLimitBytes),
    truncated: kept.length > outputLimitBytes || !keepsOutput,
  })
  const [stdout, stderr] = [output(ended?.stdout), output(ended?.stderr)]
  return {
    exitCode: waitForExit ? (inTime?.exitCode ?? null) : null,
    stdout: stdout.data,
    stderr: stderr.data,
    stdoutTruncated: stdout.truncated,
    stderrTruncated: stderr.truncated,
    timedOut: inTime === null,
    durationMs: Math.round(performance.now() - startedAt),
  }
}

/** In a session of its own, which can be ended as one. Without a shell it is run all the same, and what it writes is lost. */
async function start(agent: GuestAgent, request: GuestExecution, signal: AbortSignal) {
  const { command, args, workingDirectory, outputLimitBytes, waitForExit, stdin } = request
  const given = request.environment
  const environment = Object.keys(given).length > 0 ? { PATH: searchPath, ...given } : given
  const script = waitForExit ? [keepingScript, 'sh', `${outputLimitBytes + 1}`] : [leavingScript, 'sh']
  const inSession = ['/bin/sh', '-c', ...script, workingDirectory ?? '', command, ...args]
  try {
    const program = { path: 'setsid', args: inSession, environment, stdin, keepsOutput: true }
    return { pid: await startProgram(agent, program, signal), keepsOutput: true }
  } catch (error) {
    if (!failedFor(error, 'GUEST_AGENT_REFUSED')) throw error
    if (workingDirectory !== null) throw noDirectory(error)
  }
  const program = { path: command, args, environment, stdin, keepsOutput: false }
  const pid = await startProgram(agent, program, signal).catch((error) => {
    throw failedFor(error, 'GUEST_AGENT_REFUSED') ? notFound('program', error) : error
  })
  return { pid, keepsOutput: false }
}

/** Resolves to what it wrote until then; null where it could not be ended. */
async function endProgram(agent: GuestAgent, pid: number): Promise<Ended | null> {
  for (const name of ['TERM', 'KILL']) {
    try {
      await runScript(agent, signalScript, [name, String(pid)], uncancelled)
      const ended = await awaitEnd(agent, pid, graceMs, uncancelled)
      if (ended) return ended
    } catch (error) {
      if (!(error instanceof AppError)) throw error
    }
  }
  return null
}

function refuseUnlessRun({ stderr }: Ended): void {
  const [, missing] = stderr.length < saysMax ? (scriptSays.exec(stderr.toString()) ?? []) : []
  if (missing === 'program' || missing === 'directory') throw notFound(missing)
}
const saysMax = 64

const notFound = (what: 'program' | 'directory', cause?: unknown): AppError =>
  new AppError('not_found', `The guest has no such ${what}, or none that its agent may use.`, {
    reason: what === 'program' ? 'GUEST_PROGRAM_NOT_FOUND' : 'GUEST_DIRECTORY_NOT_FOUND',
    cause,
  })

const noDirectory = (cause: unknown): AppError =>
  new AppError('failed_precondition', 'A working directory needs setsid and /bin/sh in the guest: leave it out.', {
    reason: 'GUEST_AGENT_CANNOT',
    cause,
  })
