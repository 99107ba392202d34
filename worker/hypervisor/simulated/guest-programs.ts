import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import type { GuestExecuted, GuestExecution } from '#worker/hypervisor/agent-calls.ts'

interface Ended {
  exitCode: number
  stdout: Uint8Array
}

type Program = (request: GuestExecution, signal: AbortSignal) => Promise<Ended>

const says = (text: string): Ended => ({ exitCode: 0, stdout: Buffer.from(text) })
const msPerSecond = 1000

/** What a simulated guest can run, each as every Linux has it. */
const programs: Record<string, Program> = {
  true: async () => says(''),
  false: async () => ({ exitCode: 1, stdout: Buffer.alloc(0) }),
  echo: async ({ args }) => says(`${args.join(' ')}\n`),
  cat: async ({ stdin }) => ({ exitCode: 0, stdout: stdin ?? Buffer.alloc(0) }),
  pwd: async ({ workingDirectory }) => says(`${workingDirectory ?? '/'}\n`),
  env: async ({ environment }) =>
    says(Object.entries(environment).reduce((lines, [name, value]) => `${lines}${name}=${value}\n`, '')),
  yes: async (request, signal) => {
    await untilEnded(request.timeoutSeconds * msPerSecond, signal)
    return says('y\n'.repeat(request.outputLimitBytes))
  },
  sleep: async ({ args }, signal) => {
    await untilEnded(Number(args[0]) * msPerSecond, signal)
    return says('')
  },
}

export async function runProgram(request: GuestExecution, signal: AbortSignal): Promise<GuestExecuted> {
  const { command, timeoutSeconds, outputLimitBytes, waitForExit } = request
  const program = Object.hasOwn(programs, command) ? programs[command] : undefined
  if (!program) {
    throw new AppError('not_found', `The guest has no program ${command}.`, { reason: 'GUEST_PROGRAM_NOT_FOUND' })
  }
  const startedAt = performance.now()
  const timeUp = AbortSignal.timeout(timeoutSeconds * msPerSecond)
  const ended = waitForExit ? await program(request, AbortSignal.any([signal, timeUp])) : says('')
  signal.throwIfAborted()
  return {
    exitCode: waitForExit && !timeUp.aborted ? ended.exitCode : null,
    stdout: ended.stdout.subarray(0, outputLimitBytes),
    stderr: new Uint8Array(),
    stdoutTruncated: ended.stdout.length > outputLimitBytes,
    stderrTruncated: false,
    timedOut: timeUp.aborted,
    durationMs: Math.round(performance.now() - startedAt),
  }
}

const untilEnded = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }).catch(() => {})
