import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { CpuModeSupport } from '#db/schema/node.ts'

const fileName = 'cpu-modes.json'

/** Everything that can change what runs: with the same of it, the answer is the same. */
export interface ProbeKey {
  libvirtVersion: string
  qemuVersion: string
  bootId: string
  virtType: string
  cpuFeatures: string
  kvmProblem: string | null
}

/** The machine's boot, as Linux numbers it. */
export const readBootId = async (): Promise<string> =>
  (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()

/** What `probe` found the last time under this key, or finds now. */
export async function cachedProbe(
  stateDirectory: string,
  key: ProbeKey,
  probe: () => Promise<CpuModeSupport[]>,
): Promise<CpuModeSupport[]> {
  const keyText = JSON.stringify(key)
  const file = path.join(stateDirectory, fileName)
  const known = await read(file)
  if (known?.key === keyText) return known.modes
  const modes = await probe()
  await mkdir(stateDirectory, { recursive: true })
  // Renamed into place: a worker killed here leaves the old file or the new one.
  await writeFile(`${file}.new`, JSON.stringify({ key: keyText, modes }, null, 2))
  await rename(`${file}.new`, file)
  return modes
}

async function read(file: string): Promise<{ key: string; modes: CpuModeSupport[] } | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    // Missing or broken: it is found out again.
    return null
  }
}
