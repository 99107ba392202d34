import type { MethodName, RequestOf } from './methods.ts'

/** How long a method may take and whether it may be sent again. */
interface CallRule<Name extends MethodName> {
  /** A time limit that the request itself sets comes on top. */
  timeoutMs: number
  /** Seconds that the request gives the node for its work. */
  requestedSeconds?: (request: RequestOf<Name>) => number
  /** It changes nothing, so that it is sent again where the connection broke. */
  repeatable?: true
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** What a node knows without asking anybody. */
export const healthTimeoutMs = 5 * second
const look = { timeoutMs: 10 * second, repeatable: true } as const
/** A storage that does not answer is given up by its node after 20 s. */
const lookInPool = { timeoutMs: 30 * second, repeatable: true } as const
/** A guest that shuts down or reboots, where the request does not say how long: as the node has it. */
const guestSeconds = 60
/** Two commands to an agent, each with 20 s for its turn and 11 s until libvirt gives it up: the node's own answer is to come. */
const askGuest = 65 * second
/** A script of ours is started by such a command and has 20 s; the longest method runs three. */
const runInGuest = 3 * minute
const changeVm = 2 * minute
/** Memory is written, disks are merged or copied. */
const moveData = hour

/** Of each method; one that is missing does not compile. */
const rules: { [Name in MethodName]: CallRule<Name> } = {
  HealthCheck: { timeoutMs: healthTimeoutMs },
  GetNodeInfo: look,
  CreateVM: { timeoutMs: moveData },
  StartVM: { timeoutMs: changeVm },
  StopVM: { timeoutMs: changeVm, requestedSeconds: ({ timeoutSeconds }) => timeoutSeconds || guestSeconds },
  ForceStopVM: { timeoutMs: changeVm },
  RebootVM: { timeoutMs: changeVm + guestSeconds * second },
  PauseVM: { timeoutMs: changeVm },
  ResumeVM: { timeoutMs: changeVm },
  DeleteVM: { timeoutMs: changeVm },
  GetVMStatus: look,
  ListVMs: look,
  GetConsole: look,
  CreateSnapshot: { timeoutMs: moveData },
  RevertSnapshot: { timeoutMs: moveData },
  DeleteSnapshot: { timeoutMs: moveData },
  ListSnapshots: look,
  AttachDisk: { timeoutMs: changeVm },
  DetachDisk: { timeoutMs: changeVm },
  AttachNIC: { timeoutMs: changeVm },
  DetachNIC: { timeoutMs: changeVm },
  ChangeMedia: { timeoutMs: changeVm },
  // A stream begins anew now and then: nothing stays open for ever because somebody forgot it.
  StreamMetrics: { timeoutMs: hour },
  StreamEvents: { timeoutMs: hour },
  GetVMLogs: look,
  PingAgent: { timeoutMs: askGuest, repeatable: true },
  ExecuteInGuest: { timeoutMs: runInGuest, requestedSeconds: ({ timeoutSeconds }) => timeoutSeconds || 30 },
  ReadGuestFile: { timeoutMs: runInGuest, repeatable: true },
  WriteGuestFile: { timeoutMs: runInGuest },
  GuestShutdown: { timeoutMs: askGuest, requestedSeconds: ({ delaySeconds }) => delaySeconds ?? 0 },
  QuiesceFilesystems: { timeoutMs: askGuest, requestedSeconds: ({ timeoutSeconds }) => timeoutSeconds || 60 },
  ThawFilesystems: { timeoutMs: minute },
  SyncTime: { timeoutMs: askGuest },
  InitStoragePool: { timeoutMs: changeVm },
  DestroyStoragePool: { timeoutMs: changeVm },
  GetStoragePoolInfo: lookInPool,
  ListStoragePools: lookInPool,
  ListStoragePoolFiles: lookInPool,
  CreateVolume: { timeoutMs: moveData },
  DeleteVolume: { timeoutMs: changeVm },
  ResizeVolume: { timeoutMs: changeVm },
  CloneVolume: { timeoutMs: moveData },
  GetVolumeAttachInfo: lookInPool,
  CreateVolumeSnapshot: { timeoutMs: moveData },
  ListVolumes: lookInPool,
  ListImages: look,
}

/** How long a call may take: what its request gives the node, and the method's own time on top. */
export function timeoutOf<Name extends MethodName>(name: Name, request: RequestOf<Name>): number {
  const { timeoutMs, requestedSeconds } = rules[name] as CallRule<Name>
  return timeoutMs + second * (requestedSeconds?.(request) ?? 0)
}

/** https://github.com/grpc/proposal/blob/master/A6-client-retries.md; grpc-js draws each pause at random below these. */
export const retryConfig = (service: string): string =>
  JSON.stringify({
    methodConfig: [
      {
        name: Object.entries(rules).flatMap(([method, { repeatable }]) => (repeatable ? [{ service, method }] : [])),
        retryPolicy: {
          maxAttempts: 3,
          initialBackoff: '0.2s',
          maxBackoff: '1s',
          backoffMultiplier: 2,
          retryableStatusCodes: ['UNAVAILABLE'],
        },
      },
    ],
  })
