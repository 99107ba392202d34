import type { CallOptions, DaemonCalls } from '#api/node-daemons/methods.ts'
import type { GuestAnswer, GuestCall, GuestRequest } from '#db/guest-call.ts'

type Ask<K extends GuestCall> = (
  call: DaemonCalls,
  vmId: string,
  request: GuestRequest<K>,
  options: CallOptions,
) => Promise<GuestAnswer<K>>

/** Each call by the node daemon's method of it. What the method has as 0 or empty where it is not known, is null again. */
const asks: { [K in GuestCall]: Ask<K> } = {
  async 'agent.ping'(call, vmId, _request, options) {
    const { connected, version, uptimeSeconds, error } = await call.PingAgent({ vmId }, options)
    return { connected, version: version || null, uptimeSeconds: uptimeSeconds || null, message: error }
  },
  async 'agent.exec'(call, vmId, { workingDirectory, stdin, outputLimitBytes, ...wanted }, options) {
    const sent = { ...wanted, vmId, workingDirectory: workingDirectory ?? '', maxOutputBytes: outputLimitBytes }
    const ended = await call.ExecuteInGuest({ ...sent, stdin: Buffer.from(stdin, 'base64') }, options)
    const { stdout, stderr, stdoutTruncated, stderrTruncated, timedOut, durationMs } = ended
    const exitCode = timedOut || !wanted.waitForExit ? null : ended.exitCode
    return { exitCode, stdout, stderr, stdoutTruncated, stderrTruncated, timedOut, durationMs }
  },
  async 'agent.read-file'(call, vmId, { path, offset, maxBytes }, options) {
    const { data, totalSize, eof } = await call.ReadGuestFile({ vmId, path, offset, maxSize: maxBytes }, options)
    const endsAt = eof ? offset + data.length : null
    return { data: data.toString('base64'), totalBytes: totalSize || endsAt, isEnd: eof }
  },
  async 'agent.write-file'(call, vmId, { path, data, mode, createParents }, options) {
    const sent = { vmId, path, data: Buffer.from(data, 'base64'), mode: mode ?? 0, createParents }
    const { bytesWritten } = await call.WriteGuestFile(sent, options)
    return { sizeBytes: bytesWritten }
  },
  async 'agent.sync-time'(call, vmId, { force }, options) {
    const { offsetSeconds, offsetAfterSeconds } = await call.SyncTime({ vmId, force }, options)
    return { offsetBeforeSeconds: offsetSeconds, offsetAfterSeconds, source: 'node' }
  },
  async 'agent.shutdown'(call, vmId, { reboot }, options) {
    await call.GuestShutdown({ vmId, reboot }, options)
    return { accepted: true }
  },
  async 'agent.quiesce'(call, vmId, request, options) {
    const { quiesceToken: token, deadlineAt, frozen } = await call.QuiesceFilesystems({ vmId, ...request }, options)
    const fileSystems = frozen.map(({ mountPoint, device, filesystem, frozen: isFrozen, error }) => ({
      ...{ mountPoint, device: device || null, type: filesystem, frozen: isFrozen, error: error || null },
    }))
    return { token, deadlineAt: momentOf(deadlineAt), fileSystems }
  },
  async 'agent.thaw'(call, vmId, { token, runPostThawScripts }, options) {
    const thawed = await call.ThawFilesystems({ vmId, quiesceToken: token, runPostThawScripts }, options)
    const { thawedMountPoints: mountPoints, frozenDurationMs: frozenMs, error } = thawed
    return { mountPoints, frozenMs, scriptsError: error || null }
  },
}

const momentOf = (stamp: { seconds: number | string | object; nanos: number } | null): string =>
  new Date(Number(stamp?.seconds ?? 0) * 1000 + (stamp?.nanos ?? 0) / 1_000_000).toISOString()

/**
 * Asks a guest by its node's daemon: at once, without an operation, and with the answer that an operation would have.
 * Throws the node's own errors; after those that say so, it may have been done.
 */
export const askDaemon = <K extends GuestCall>(
  call: DaemonCalls,
  vmId: string,
  kind: K,
  request: GuestRequest<K>,
  options: CallOptions = {},
): Promise<GuestAnswer<K>> => asks[kind](call, vmId, request, options)
