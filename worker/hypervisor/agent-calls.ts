/**
 * What the guest agent of a running VM does for us (https://qemu-project.gitlab.io/qemu/interop/qemu-ga-ref.html). A guest
 * answers when it likes: each call ends in its own time, and none of one VM waits for that of another.
 *
 * Beside what every call of the hypervisor throws: `failed_precondition` where the VM does not run (`VM_NOT_RUNNING`), has
 * no agent (`GUEST_AGENT_NOT_CONNECTED`), one that cannot do it (`GUEST_AGENT_CANNOT`) or frozen file systems
 * (`GUEST_IS_FROZEN`), `deadline_exceeded` where the agent did not answer in time (`GUEST_AGENT_NOT_RESPONDING`): what was
 * asked may have happened.
 */
export interface AgentCalls {
  pingAgent(vmId: string, signal: AbortSignal): Promise<AgentPing>
  /**
   * Runs a program, and waits for its end unless it is told not to. One whose time is up, or whose caller leaves, is ended
   * with all that it has started, where the guest lets us. Throws `not_found` for a program or directory that is not there.
   */
  executeInGuest(request: GuestExecution, signal: AbortSignal): Promise<GuestExecuted>
  /** Throws `not_found` for a file that is not there, and `permission_denied`. */
  readGuestFile(request: GuestFileRead, signal: AbortSignal): Promise<GuestFilePart>
  /** Writes a file whole, beside the old one, before it takes its place. Resolves to its size, bytes. */
  writeGuestFile(request: GuestFileWrite, signal: AbortSignal): Promise<number>
  /** Has the agent, not ACPI, shut the guest down or reboot it; returns when it has agreed. */
  shutdownByAgent(request: AgentShutdown, signal: AbortSignal): Promise<void>
  syncTime(request: TimeSync, signal: AbortSignal): Promise<TimeSynced>
  /**
   * Freezes file systems of the guest until they are thawed with the token: at the latest at the deadline, whatever
   * becomes of this worker. All of them or none. A snapshot of the disks that is taken meanwhile is `quiesced` where the
   * guest was seen frozen with the same token before and after. Who stops, reboots or resets the VM ends it; what would
   * keep the guest frozen longer (a pause, its memory in a snapshot) is refused with `GUEST_IS_FROZEN`.
   */
  quiesceFilesystems(request: QuiesceRequest, signal: AbortSignal): Promise<Quiesced>
  /**
   * Throws `failed_precondition` for a token that is not the guest's now, which changes nothing, and where the guest was
   * thawed before (`GUEST_THAWED_TOO_EARLY`); `deadline_exceeded` where it was not seen thawed yet: its node goes on.
   */
  thawFilesystems(request: ThawRequest, signal: AbortSignal): Promise<Thawed>
}

export interface AgentPing {
  /** Null where the agent does not say. */
  version: string | null
  uptimeSeconds: number | null
}

export interface GuestExecution {
  vmId: string
  /** A program of the guest, by its path or a name that the guest finds; no shell reads it. */
  command: string
  args: readonly string[]
  environment: Readonly<Record<string, string>>
  /** Null leaves it to the agent, as an environment that is empty. */
  workingDirectory: string | null
  stdin: Uint8Array | null
  timeoutSeconds: number
  /** Most that is kept of each output, bytes. */
  outputLimitBytes: number
  waitForExit: boolean
}

export interface GuestExecuted {
  /** As a shell has it: 128 and the signal's number of what a signal ended. Null where nobody waited, or its time was up. */
  exitCode: number | null
  stdout: Uint8Array
  stderr: Uint8Array
  /** There was more than was asked for; or, in a guest without a shell, nobody knows. */
  stdoutTruncated: boolean
  stderrTruncated: boolean
  timedOut: boolean
  durationMs: number
}

export interface GuestFileRead {
  vmId: string
  path: string
  offset: number
  /** Most that is read, bytes. */
  maxBytes: number
}

export interface GuestFilePart {
  data: Uint8Array
  /** Null where the guest does not say. */
  totalBytes: number | null
  isEnd: boolean
}

export interface GuestFileWrite {
  vmId: string
  path: string
  data: Uint8Array
  /** Permission bits; null keeps those of the file that was there, and leaves others to the guest. */
  mode: number | null
  createParents: boolean
}

export interface AgentShutdown {
  vmId: string
  reboot: boolean
}

export interface TimeSync {
  vmId: string
  /** Sets the clock also where it is less than a second off. */
  force: boolean
}

export interface TimeSynced {
  /** How far the guest was ahead of its source, seconds; negative where it was behind. */
  offsetBeforeSeconds: number
  offsetAfterSeconds: number
  /** What it was set to. */
  source: 'node'
}

export interface QuiesceRequest {
  vmId: string
  /** Empty means all that can be written to. */
  mountPoints: readonly string[]
  timeoutSeconds: number
  runPreFreezeScripts: boolean
}

export interface Quiesced {
  token: string
  /** When it is thawed in any case, as ISO 8601. */
  deadlineAt: string
  fileSystems: readonly FrozenFileSystem[]
}

export interface FrozenFileSystem {
  mountPoint: string
  device: string | null
  type: string
  frozen: boolean
  /** Why it is not frozen; null where it is. */
  error: string | null
}

export interface ThawRequest {
  vmId: string
  token: string
  runPostThawScripts: boolean
}

export interface Thawed {
  mountPoints: readonly string[]
  /** From the asking for the freeze until the guest was seen thawed. */
  frozenMs: number
  /** Why the post-thaw scripts failed; null where they did not, or were not run. */
  scriptsError: string | null
}
