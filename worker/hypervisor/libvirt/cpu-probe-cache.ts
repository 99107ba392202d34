import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { CpuModeSupport } from '#db/schema/node.ts'
import { readJson, writeJson } from '#worker/json-file.ts'

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
  // A broken file is found out again, as one that is not there.
  const known = await readJson<{ key: string; modes: CpuModeSupport[] }>(file).catch(() => null)
  if (known?.key === keyText) return known.modes
  const modes = await probe()
  await writeJson(file, { key: keyText, modes })
  return modes
}
