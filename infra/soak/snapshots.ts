import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { startLibvirtNode } from '#test/live/hypervisor/libvirt-node.ts'
import { libvirtDisks } from '#test/live/snapshots-model/libvirt-disks.ts'
import { type Operation, operationsOf } from '#test/live/snapshots-model/operation.ts'
import { ModelFailure, runOperations } from '#test/live/snapshots-model/run.ts'
import { shrink } from '#test/live/snapshots-model/shrink.ts'
import { libvirtAvailable } from '../libvirt-host.ts'
import { consoleProgress } from '../progress.ts'
import { installTestPackages } from '../setup/machine.ts'

/** Operations on one VM, before the next seed begins with another. */
const perVmMax = 500
/** Shrinking starts VM after VM. */
const shrinkMs = 15 * 60_000

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    vms: { type: 'string', default: '2' },
    'snapshots-max': { type: 'string', default: '10' },
  },
})
const [wanted, firstSeed, vmCount, snapshotsMax] = [
  values.operations,
  values.seed,
  values.vms,
  values['snapshots-max'],
].map(Number) as [number, number, number, number]

const progress = consoleProgress()
await installTestPackages(progress)
const unavailable = libvirtAvailable()
if (unavailable) throw new Error(unavailable)

interface Failure {
  seed: number
  error: ModelFailure
}

let failure: Failure | null = null
const done = await progress.during(`${wanted} operations from seed ${firstSeed}`, soak)
console.log(`${done} operations done, ${failure ? 'one went wrong' : 'nothing went wrong'}`)
if (failure) await explain(failure)

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
      const error = await runOnNewNode(operationsOf(seed, 3 * enough), enough, (operation) => {
        finished++
        detail(`${finished} done, seed ${seed}: ${operation.do}`)
      })
      if (error) failure ??= { seed, error }
    }
  }
  await Promise.all(Array.from({ length: vmCount }, work))
  return finished
}

async function runOnNewNode(
  operations: readonly Operation[],
  enough: number,
  onDone: (operation: Operation) => void,
): Promise<ModelFailure | null> {
  const node = await startLibvirtNode({ virtType: 'qemu' })
  try {
    await node.hypervisor.probeCpuModes()
    const run = { operations, snapshotsMax, enough, onDone: (_: number, operation: Operation) => onDone(operation) }
    await runOperations(libvirtDisks(node), run)
    return null
  } catch (error) {
    if (error instanceof ModelFailure) return error
    throw error
  } finally {
    await node.close()
  }
}

async function explain({ seed, error }: Failure): Promise<void> {
  process.exitCode = 1
  console.error(`seed ${seed}:`, error)
  const end = Date.now() + shrinkMs
  const shortest = await progress.during('Looking for a shorter sequence', (detail) =>
    shrink(
      error.operations,
      async (part) => (await runOnNewNode(part, part.length, () => {})) !== null,
      (length) => {
        detail(`${length} operations still fail`)
        return Date.now() < end
      },
    ),
  )
  console.error(`${shortest.length} operations are enough:`)
  for (const operation of shortest) console.error(JSON.stringify(operation))
}
