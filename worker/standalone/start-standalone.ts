import path from 'node:path'
import type { Logger } from 'pino'
import type { Settings } from '#db/settings.ts'
import type { DaemonServer } from '#worker/daemon/server.ts'
import { nodeDaemonService } from '#worker/daemon/service.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { repeat, withinDeadline } from '#worker/repeat.ts'
import { createStandaloneControl } from './standalone-control.ts'
import { openVmFiles } from './vm-files.ts'

export interface StandaloneOptions {
  nodeId: string
  version: string
  settings: Pick<Settings, 'stateDirectory' | 'maxSnapshots'>
  hypervisor: Hypervisor
  server: DaemonServer
  log: Logger
}

const checkMs = 5000
const closeMs = 3000

/** Serves a node that has no control plane, by gRPC alone. Goes on with what was left unfinished. */
export async function startStandalone(options: StandaloneOptions): Promise<{ close(): Promise<void> }> {
  const { nodeId, version, settings, hypervisor, server, log } = options
  const { stateDirectory, maxSnapshots } = settings
  const files = await openVmFiles(path.join(stateDirectory, 'vms'))
  const control = createStandaloneControl({ nodeId, files, hypervisor, maxSnapshots, log })
  server.serve(nodeDaemonService({ nodeId, version, control, hypervisor, log, isServing: () => server.isServing }))
  control.resume()

  const closing = new AbortController()
  const check = async () => {
    try {
      await withinDeadline(hypervisor.describeNode(), checkMs)
      server.setServing(!closing.signal.aborted)
    } catch (error) {
      server.setServing(false)
      throw error
    }
  }
  const checking = repeat('asking the hypervisor', checkMs, check, { signal: closing.signal, log })
  return {
    async close() {
      closing.abort()
      server.setServing(false)
      await Promise.all([control.close(closeMs), checking])
    },
  }
}
