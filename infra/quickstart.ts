import { copyFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { loadSettings, type Settings } from '#db/settings.ts'
import { buildGuestIso } from './guest/build.ts'
import { freePort, isFreePort } from './ports.ts'
import { consoleProgress, type Progress } from './progress.ts'
import { runProgram, showError } from './run-program.ts'
import { type Machine, prepareMachine } from './setup/machine.ts'
import { banner } from './stack/banner.ts'
import { describeNode, waitForNode } from './stack/node.ts'
import { type Stack, startStack } from './stack/stack.ts'
import { aborted, stopSignal } from './stop-signal.ts'
import { apiClient } from './tour/api.ts'
import { deleteTourVms, forgetPools } from './tour/clean-up.ts'
import { runTour } from './tour/tour.ts'

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } })
/** As shells count an end by SIGINT. */
const interrupted = 130
const cacheDirectory = path.resolve('.cache/guest')

await runProgram(async () => {
  const stop = stopSignal()
  const begun = new Date()
  const progress = consoleProgress()
  const given = loadSettings(process.env)
  const settings = values.keep ? given : await apart(given)
  const machine = await prepareMachine(settings, progress)
  const stack = await startStack(settings, machine, progress.say)
  try {
    progress.say(`${banner(stack, machine.hypervisor)}\n`)
    const deviations = await tour(stack, machine, begun, progress, stop)
    process.exitCode = deviations.length === 0 ? 0 : 1
    progress.say(conclusion(machine, deviations))
    if (values.keep) {
      progress.say(keptText(stack))
      await aborted(stop)
    }
  } catch (error) {
    process.exitCode = stop.aborted ? interrupted : 1
    if (!stop.aborted) showError(error)
  } finally {
    await (values.keep ? stack.stop() : cleanUp(stack, machine, progress))
  }
})

/** Settings under which the tour gets in nobody's way, least of all in that of an `npm start` that runs. */
async function apart(settings: Settings): Promise<Settings> {
  const stateDirectory = path.join(settings.stateDirectory, 'quickstart')
  return {
    ...settings,
    stateDirectory,
    imagesDirectory: path.join(stateDirectory, 'images'),
    port: (await isFreePort(settings.port)) || process.env.QUANTIX_PORT ? settings.port : await freePort(),
    grpcPort:
      (await isFreePort(settings.grpcPort)) || process.env.QUANTIX_GRPC_PORT ? settings.grpcPort : await freePort(),
  }
}

async function tour(
  stack: Stack,
  { hypervisor }: Machine,
  begun: Date,
  progress: Progress,
  signal: AbortSignal,
): Promise<string[]> {
  const node = await progress.during('Finding out what this machine can run', () => waitForNode(stack, begun, signal))
  if (!node) throw new Error('Interrupted')
  progress.say(`${describeNode(node)}\n`)
  const iso = hypervisor.kind === 'libvirt' ? await provideGuest(stack.state.images, progress) : null
  signal.throwIfAborted()
  progress.say('The main job')
  return runTour({ apiUrl: stack.apiUrl, node, hypervisor, iso, progress, signal })
}

/** Puts the test guest's ISO into the image directory. Returns its name, or null where it cannot be built. */
async function provideGuest(imagesDirectory: string, progress: Progress): Promise<string | null> {
  try {
    const iso = await progress.during('Building a small Linux guest', (detail) =>
      buildGuestIso({ cacheDirectory, log: detail }),
    )
    await copyFile(iso, path.join(imagesDirectory, path.basename(iso)))
    return path.basename(iso)
  } catch (error) {
    progress.say(`The VMs get an empty disk and no guest: ${error instanceof Error ? error.message : error}`)
    return null
  }
}

/** Removes all that the tour made. What cannot be removed stays in the state directory, where the next run finds it. */
async function cleanUp(stack: Stack, { hypervisor }: Machine, progress: Progress): Promise<void> {
  try {
    await progress.during('Cleaning up', async () => {
      await deleteTourVms(apiClient(stack.apiUrl))
      await stack.stop()
      if (hypervisor.kind === 'libvirt') await forgetPools(hypervisor.uri, stack.state.path)
      await rm(stack.state.path, { recursive: true, force: true })
    })
  } catch (error) {
    progress.say('What could not be removed is left; the next npm run quickstart removes it')
    throw error
  } finally {
    await stack.stop()
  }
}

function conclusion({ hypervisor }: Machine, deviations: readonly string[]): string {
  if (deviations.length > 0) return `Not as published: ${deviations.length} of the cells (see above)`
  if (hypervisor.kind === 'libvirt') return 'Every cell measured is as published, on libvirt and QEMU'
  return `The simulated hypervisor agrees with the published table. NOTHING WAS PROVEN ABOUT LIBVIRT: ${hypervisor.reason}`
}

function keptText({ apiUrl }: Stack): string {
  return `Kept. List the VMs:  curl ${apiUrl}/api/v1/vms
Take a snapshot:     curl ${apiUrl}/api/v1/vms/ID/snapshots -H 'content-type: application/json' -d '{"name": "mine"}'
Delete a VM:         curl -X DELETE '${apiUrl}/api/v1/vms/ID?force=true'
Ctrl-C stops it; VMs go on running, and npm start serves them again.`
}
