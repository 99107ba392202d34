import path from 'node:path'
import type { Logger } from 'pino'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import type { Settings } from '#db/settings.ts'
import { createNodeEvents } from '#worker/daemon/node-events.ts'
import type { DaemonServer } from '#worker/daemon/server.ts'
import { nodeDaemonService } from '#worker/daemon/service.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { createLateUnplugs } from '#worker/node/late-unplugs.ts'
import { repeat, withinDeadline } from '#worker/repeat.ts'
import { askedInFiles } from './asked-devices.ts'
import { createStandaloneControl } from './standalone-control.ts'
import { openVmFiles } from './vm-files.ts'

export interface StandaloneOptions {
  nodeId: string
  version: string
  settings: Pick<Settings, 'stateDirectory' | 'imagesDirectory' | 'maxSnapshots'>
  hypervisor: Hypervisor
  secretBox: SecretBox
  server: DaemonServer
  log: Logger
}

const checkMs = 5000
const closeMs = 3000

/** Serves a node that has no control plane, by gRPC alone. Goes on with what was left unfinished. */
export async function startStandalone(options: StandaloneOptions): Promise<{ close(): Promise<void> }> {
  const { nodeId, version, settings, hypervisor, secretBox, server, log } = options
  const { stateDirectory, imagesDirectory, maxSnapshots } = settings
  const files = await openVmFiles(path.join(stateDirectory, 'vms'))
  const logged = (work: Promise<void>) => void work.catch((err) => log.warn({ err }, 'observing failed'))
  const lateUnplugs = createLateUnplugs({ devices: askedInFiles(files), hypervisor, log })
  const onEnd = (vmId: string) => logged(lateUnplugs.operationEnded(vmId))
  const events = createNodeEvents(hypervisor)
  const control = createStandaloneControl({
    ...{ nodeId, files, hypervisor, secretBox, maxSnapshots, log, onEnd },
    onSuccess: events.succeeded,
  })
  const closing = new AbortController()
  server.serve(
    nodeDaemonService({
      ...{ nodeId, version, control, hypervisor, events, imagesDirectory, log },
      isServing: () => server.isServing,
      certificateExpiresAt: () => server.certificateExpiresAt,
      stopping: closing.signal,
    }),
  )
  control.resume()
  logged(lateUnplugs.lookAtAll())
  const stopEvents = hypervisor.onVmEvent(({ vmId, deviceRemoved }) => {
    if (deviceRemoved) logged(lateUnplugs.deviceRemoved(vmId))
    else logged(control.changedUnasked(vmId))
  })
  const stopLosses = hypervisor.onEventsLost(() => logged(lateUnplugs.lookAtAll()))

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
      stopEvents()
      stopLosses()
      events.close()
      server.setServing(false)
      await Promise.all([control.close(closeMs), checking])
    },
  }
}
