import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { type Firmware, firmwares } from '#db/vm-spec.ts'
import { startLiveSystem } from '#test/live/snapshots-model/live-system.ts'
import { type Operation, operationsOf } from '#test/live/snapshots-model/operation.ts'
import { ModelFailure, runOperations } from '#test/live/snapshots-model/run.ts'
import { shrink } from '#test/live/snapshots-model/shrink.ts'
import { startTemplateDatabase } from '#test/support/template-database.ts'
import { libvirtAvailable } from '../libvirt-host.ts'
import { consoleProgress } from '../progress.ts'
import { installTestPackages } from '../setup/machine.ts'

/** Operations on one VM, before the next seed begins with another. */
const perVmMax = 500
/** Of the operations that are drawn, so many may not apply. */
const drawnPerDone = 4
/** Shrinking starts VM after VM. */
const shrinkMs = 15 * 60_000

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    vms: { type: 'string', default: '2' },
    'snapshots-max': { type: 'string', default: '10' },
    /** Of all VMs; without it each kind has its turn. */
    firmware: { type: 'string' },
  },
})
const [wanted, firstSeed, vmCount, snapshotsMax] = [
  values.operations,
  values.seed,
  values.vms,
  values['snapshots-max'],
].map(Number) as [number, number, number, number]
const firmwareOf = (seed: number): Firmware =>
  firmwares.find((name) => name === values.firmware) ?? firmwares[(seed - firstSeed) % firmwares.length] ?? 'bios'

const progress = consoleProgress()
await installTestPackages(progress)
const unavailable = libvirtAvailable()
if (unavailable) throw new Error(unavailable)

interface Failure {
  seed: number
  error: ModelFailure
}

const template = await startTemplateDatabase(console.log)
let failure: Failure | null = null
try {
  const done = await progress.during(`${wanted} operations from seed ${firstSeed}`, soak)
  console.log(`${done} operations done, ${failure ? 'one went wrong' : 'nothing went wrong'}`)
  if (failure) await explain(failure)
} finally {
  await template.stop()
}

/** Works through the seeds, some VMs at a time; resolves to the number of operations done. */
async function soak(detail: (text: string) => void): Promise<number> {
  let begun = 0
  let finished = 0
  let nextSeed = firstSeed
  async function work(): Promise<void> {
    while (begun < wanted && !failure) {
      const enough = Math.min(perVmMax, Math.ceil(wanted / vmCount), wanted - begun)
      begun += enough
      const seed = nextSeed++
      const error = await runOnNewSystem(seed, operationsOf(seed, drawnPerDone * enough), enough, (operation) => {
        finished++
        detail(`${finished} done, seed ${seed}: ${operation.do}`)
      })
      if (error) failure ??= { seed, error }
    }
  }
  await Promise.all(Array.from({ length: vmCount }, work))
  return finished
}

async function runOnNewSystem(
  seed: number,
  operations: readonly Operation[],
  enough: number,
  onDone: (operation: Operation) => void,
): Promise<ModelFailure | null> {
  const system = await startLiveSystem(template.url)
  try {
    const firmware = firmwareOf(seed)
    await runOperations(system, { firmware, operations, snapshotsMax, enough, onDone: (_, last) => onDone(last) })
    return null
  } catch (error) {
    if (error instanceof ModelFailure) return error
    throw error
  } finally {
    await system.close()
  }
}

async function explain({ seed, error }: Failure): Promise<void> {
  process.exitCode = 1
  console.error(`seed ${seed}, ${firmwareOf(seed)}:`, error)
  const end = Date.now() + shrinkMs
  const shortest = await progress.during('Looking for a shorter sequence', (detail) =>
    shrink(
      error.operations,
      async (part) => (await runOnNewSystem(seed, part, part.length, () => {})) !== null,
      (length) => {
        detail(`${length} operations still fail`)
        return Date.now() < end
      },
    ),
  )
  console.error(`${shortest.length} operations are enough:`)
  for (const operation of shortest) console.error(JSON.stringify(operation))
}
