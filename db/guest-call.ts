/** What may be asked of a guest's agent, by the operation's kind, as JSON: bytes are base64. Null is left to the guest, or not known. */
export interface GuestCalls {
  'agent.ping': { request: Record<never, never>; answer: GuestPing }
  'agent.exec': { request: GuestProgram; answer: GuestProgramEnded }
  'agent.read-file': { request: GuestFilePlace; answer: GuestFileRead }
  'agent.write-file': { request: GuestFileContent; answer: { sizeBytes: number } }
  'agent.sync-time': { request: { force: boolean }; answer: GuestClock }
  'agent.shutdown': { request: { reboot: boolean }; answer: { accepted: true } }
  'agent.quiesce': { request: GuestFreeze; answer: GuestFrozen }
  'agent.thaw': { request: { token: string; runPostThawScripts: boolean }; answer: GuestThawed }
}

export type GuestCall = keyof GuestCalls
export type GuestRequest<K extends GuestCall> = GuestCalls[K]['request']
export type GuestAnswer<K extends GuestCall> = GuestCalls[K]['answer']

interface GuestCallRule {
  /** What is asked and answered may be secret: it is stored sealed. */
  isSecret: boolean
  /** To do it again changes nothing. */
  isRepeatable: boolean
}

export const guestCallRules: Record<GuestCall, GuestCallRule> = {
  'agent.ping': { isSecret: false, isRepeatable: true },
  'agent.exec': { isSecret: true, isRepeatable: false },
  'agent.read-file': { isSecret: true, isRepeatable: true },
  'agent.write-file': { isSecret: true, isRepeatable: true },
  'agent.sync-time': { isSecret: false, isRepeatable: true },
  'agent.shutdown': { isSecret: false, isRepeatable: false },
  'agent.quiesce': { isSecret: true, isRepeatable: false },
  'agent.thaw': { isSecret: true, isRepeatable: false },
}

export const guestCallKinds = Object.keys(guestCallRules) as [GuestCall, ...GuestCall[]]

export interface GuestPing {
  connected: boolean
  version: string | null
  uptimeSeconds: number | null
  /** For people: why it is not connected; empty where it is. */
  message: string
}

export interface GuestProgram {
  command: string
  args: string[]
  environment: Record<string, string>
  workingDirectory: string | null
  stdin: string
  timeoutSeconds: number
  outputLimitBytes: number
  waitForExit: boolean
}

export interface GuestProgramEnded {
  exitCode: number | null
  /** As text: what is no UTF-8 is replaced. */
  stdout: string
  stderr: string
  stdoutTruncated: boolean
  stderrTruncated: boolean
  timedOut: boolean
  durationMs: number
}

export interface GuestFilePlace {
  path: string
  offset: number
  maxBytes: number
}

export interface GuestFileRead {
  data: string
  totalBytes: number | null
  isEnd: boolean
}

export interface GuestFileContent {
  path: string
  data: string
  mode: number | null
  createParents: boolean
}

export interface GuestClock {
  offsetBeforeSeconds: number
  offsetAfterSeconds: number
  source: 'node'
}

export interface GuestFreeze {
  /** Empty means all that can be written to. */
  mountPoints: string[]
  timeoutSeconds: number
  runPreFreezeScripts: boolean
}

export interface GuestFrozen {
  token: string
  /** When it is thawed in any case, as ISO 8601. */
  deadlineAt: string
  fileSystems: { mountPoint: string; device: string | null; type: string; frozen: boolean; error: string | null }[]
}

export interface GuestThawed {
  mountPoints: string[]
  frozenMs: number
  scriptsError: string | null
}
