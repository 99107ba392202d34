import { parseArgs } from 'node:util'
import { consoleProgress } from '../progress.ts'
import { installTestPackages } from '../setup/machine.ts'
import { benchComparison } from './comparison.ts'
import { benchCreate } from './create.ts'
import { benchDaemon } from './daemon.ts'
import { benchDefine } from './define.ts'
import { type BenchGroup, isReached, jsonLine, tableHeading, tableRow } from './figure.ts'
import { benchLibvirtCalls } from './libvirt-calls.ts'
import { benchMemory } from './memory.ts'
import { benchRenders } from './renders.ts'
import { benchSnapshots } from './snapshots.ts'

/** In the order in which they run. */
const groups: Record<string, BenchGroup> = {
  libvirt: benchLibvirtCalls,
  renders: benchRenders,
  create: benchCreate,
  define: benchDefine,
  snapshots: benchSnapshots,
  daemon: benchDaemon,
  comparison: benchComparison,
  memory: benchMemory,
}

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true })
const unknown = positionals.filter((name) => !(name in groups))
if (unknown.length > 0) {
  console.error(`There is no group ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}`)
  process.exit(2)
}

// The figures alone go to stdout.
const progress = consoleProgress(process.stderr)
const { say } = progress
await installTestPackages(progress)
const outcomes: (boolean | null)[] = []
if (!values.json) console.log(tableHeading())
for (const [name, bench] of Object.entries(groups)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  try {
    for await (const figure of bench(say)) {
      outcomes.push(isReached(figure))
      console.log(values.json ? jsonLine(figure) : tableRow(figure))
    }
  } catch (error) {
    say(`${name} could not be measured: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
const count = (outcome: boolean | null) => outcomes.filter((one) => one === outcome).length
say(`${count(true)} goals reached, ${count(false)} missed, ${count(null)} without a goal or a reference`)
