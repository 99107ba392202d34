import { z } from 'zod'
import {
  commandLineText,
  fileMode,
  fitsCommandLine,
  guestArgs,
  guestCommand,
  guestDataMax,
  guestEnvironment,
  guestPath,
  guestStdinMax,
  programOutputDefault,
  programTimeoutDefault,
  programTimeoutMax,
} from '#db/guest-requests.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { isAgentSilent } from '#worker/operations/ask-agent.ts'
import type { Calls } from './calls.ts'
import { type FieldProblem, invalidRequest, readFields } from './invalid-request.ts'
import { limit, only, orUndefined } from './read-fields.ts'
import type { VmControl } from './vm-control.ts'
import { readVmId } from './vm-id.ts'

const bytes = (most: number) =>
  z.instanceof(Uint8Array).refine(({ length }) => length <= most, `must have at most ${most} bytes`)

const execution = z
  .object({
    command: guestCommand,
    args: guestArgs,
    environment: guestEnvironment,
    workingDirectory: orUndefined('', guestPath),
    stdin: bytes(guestStdinMax),
    timeoutSeconds: limit(programTimeoutMax),
    maxOutputBytes: limit(guestDataMax),
    waitForExit: z.boolean(),
  })
  .refine(fitsCommandLine, { path: ['args'], message: commandLineText })

const fileRead = z.object({
  path: guestPath,
  offset: z.int().min(0),
  maxSize: limit(guestDataMax),
})

const fileWrite = z.object({
  path: guestPath,
  data: bytes(guestDataMax),
  mode: orUndefined(0, fileMode),
  createParents: z.boolean(),
})

const shutdown = z.object({
  reboot: z.boolean(),
  delaySeconds: only(0, "must be 0: a guest's agent does it at once"),
  message: only('', "must be empty: a guest's agent tells nobody"),
})

const timeSync = z.object({ force: z.boolean() })

/** What a node has the agents of its guests do. No row of a VM changes by it. */
export function agentCalls(control: Pick<VmControl, 'find'>, hypervisor: Hypervisor) {
  /** The guests of others are not asked. */
  async function readOwnVmId(request: { vmId: string }): Promise<string> {
    const vmId = readVmId(request)
    await control.find(vmId)
    return vmId
  }

  return {
    async PingAgent(request, signal) {
      const vmId = await readOwnVmId(request)
      try {
        const { version, uptimeSeconds } = await hypervisor.pingAgent(vmId, signal)
        return { connected: true, version: version ?? '', uptimeSeconds: uptimeSeconds ?? 0 }
      } catch (error) {
        if (isAgentSilent(error)) return { connected: false, error: error.message }
        throw error
      }
    },
    async ExecuteInGuest(request, signal) {
      const { maxOutputBytes, timeoutSeconds, workingDirectory, stdin, ...wanted } = readFields(
        execution,
        request,
        invalid,
      )
      const executed = await hypervisor.executeInGuest(
        {
          ...wanted,
          vmId: await readOwnVmId(request),
          workingDirectory: workingDirectory ?? null,
          stdin: stdin.length > 0 ? stdin : null,
          timeoutSeconds: timeoutSeconds ?? programTimeoutDefault,
          outputLimitBytes: maxOutputBytes ?? programOutputDefault,
        },
        signal,
      )
      const { exitCode, timedOut, durationMs, stdoutTruncated, stderrTruncated } = executed
      return {
        success: exitCode === 0 || !wanted.waitForExit,
        exitCode: exitCode ?? (timedOut ? -1 : 0),
        stdout: Buffer.from(executed.stdout).toString(),
        stderr: Buffer.from(executed.stderr).toString(),
        ...{ timedOut, durationMs, stdoutTruncated, stderrTruncated },
        error: timedOut ? 'Its time was up.' : exitCode ? `It ended with ${exitCode}.` : '',
      }
    },
    async ReadGuestFile(request, signal) {
      const { path, offset, maxSize = guestDataMax } = readFields(fileRead, request, invalid)
      const vmId = await readOwnVmId(request)
      const part = await hypervisor.readGuestFile({ vmId, path, offset, maxBytes: maxSize }, signal)
      return { success: true, data: Buffer.from(part.data), totalSize: part.totalBytes ?? 0, eof: part.isEnd }
    },
    async WriteGuestFile(request, signal) {
      const { mode = null, ...wanted } = readFields(fileWrite, request, invalid)
      const vmId = await readOwnVmId(request)
      const bytesWritten = await hypervisor.writeGuestFile({ vmId, mode, ...wanted }, signal)
      return { success: true, bytesWritten }
    },
    async GuestShutdown(request, signal) {
      const { reboot } = readFields(shutdown, request, invalid)
      await hypervisor.shutdownByAgent({ vmId: await readOwnVmId(request), reboot }, signal)
      return { accepted: true }
    },
    async SyncTime(request, signal) {
      const { force } = readFields(timeSync, request, invalid)
      const synced = await hypervisor.syncTime({ vmId: await readOwnVmId(request), force }, signal)
      const { offsetBeforeSeconds: offsetSeconds, offsetAfterSeconds, source: timeSource } = synced
      return { success: true, offsetSeconds, offsetAfterSeconds, timeSource }
    },
  } satisfies Partial<Calls>
}

const invalid = (problems: readonly FieldProblem[]) =>
  invalidRequest("The guest's agent cannot be asked for it", 'INVALID_GUEST_REQUEST', problems)
