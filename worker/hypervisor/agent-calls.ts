/**
 * What the guest agent of a running VM does for us (https://qemu-project.gitlab.io/qemu/interop/qemu-ga-ref.html). A guest
 * answers when it likes: each call ends in its own time, and none of one VM waits for that of another.
 *
 * Beside what every call of the hypervisor throws: `failed_precondition` where the VM does not run (`VM_NOT_RUNNING`), has
 * no agent (`AGENT_NOT_CONNECTED`) or one that cannot do it (`AGENT_CANNOT`), `deadline_exceeded` where the agent did not answer
 * in time (`AGENT_NOT_RESPONDING`): what was asked may have happened.
 */
export interface AgentCalls {
  pingAgent(vmId: string, signal: AbortSignal): Promise<AgentPing>
  /** Runs a program, and waits for its end unless it is told not to. One whose time is up, or whose caller leaves, is ended where the guest lets us. */
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
   * becomes of this worker. All of them or none.
   */
  quiesceFilesystems(request: QuiesceRequest, signal: AbortSignal): Promise<Quiesced>
  /** Throws `failed_precondition` for a token that is not the guest's now. */
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
  /** Null leaves it to the agent. */
  workingDirectory: string | null
  stdin: Uint8Array | null
  timeoutSeconds: number
  /** Most that is kept of each output, bytes. */
  outputLimitBytes: number
  waitForExit: boolean
}

export interface GuestExecuted {
  /** Null where nobody waited, its time was up, or a signal ended it. */
  exitCode: number | null
  signal: number | null
  stdout: Uint8Array
  stderr: Uint8Array
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
  /** Permission bits; null leaves them to the guest. */
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
  source: 'node' | 'guest-rtc'
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
  frozenMs: number
}
