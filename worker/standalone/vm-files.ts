import { readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import type { DeviceName } from '#db/late-unplugs.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import type { SnapshotRow } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { NamedSecret } from '#db/secrets/sealed-secrets.ts'
import { unlessGone } from '#worker/files.ts'
import { writeJson } from '#worker/json-file.ts'

/** What is remembered of a VM: never changed, only replaced. */
export interface VmRecord {
  readonly vm: Readonly<VmRow>
  /** Oldest first. */
  readonly snapshots: readonly Readonly<SnapshotRow>[]
  /** The one that is unfinished. */
  readonly operation: Readonly<OperationRow> | null
  /** Devices that the guest was asked for and kept: it may let go of them as long as it runs. */
  readonly asked: readonly DeviceName[]
  readonly secrets: readonly NamedSecret[]
}

/** The VMs of a node without a control plane: one file each. */
export interface VmFiles {
  find(vmId: string): VmRecord | undefined
  all(): VmRecord[]
  /**
   * Replaces what is remembered of a VM, null forgets it. Changes are made one after the other, and `change` sees what
   * those before it wrote; what it throws is thrown, and nothing is written.
   */
  update(vmId: string, change: (before: VmRecord | undefined) => VmRecord | null | undefined): Promise<void>
}

/** Reads all files of the directory, which one worker at a time uses. */
export async function openVmFiles(directory: string): Promise<VmFiles> {
  const records = new Map<string, VmRecord>()
  const fileOf = (vmId: string) => path.join(directory, `${vmId}.json`)
  for (const record of await readRecords(directory)) records.set(record.vm.id, record)

  let writing: Promise<unknown> = Promise.resolve()
  return {
    find: (vmId) => records.get(vmId),
    all: () => [...records.values()],
    update(vmId, change) {
      const written = writing.then(async () => {
        const before = records.get(vmId)
        const after = change(before)
        if (after === before) return
        if (after) {
          await writeJson(fileOf(vmId), after)
          records.set(vmId, after)
        } else {
          await rm(fileOf(vmId), { force: true })
          records.delete(vmId)
        }
      })
      writing = written.catch(() => {})
      return written
    },
  }
}

async function readRecords(directory: string): Promise<VmRecord[]> {
  const names = (await unlessGone(readdir(directory))) ?? []
  const files = names.filter((name) => name.endsWith('.json')).map((name) => path.join(directory, name))
  return await Promise.all(files.map(async (file) => recordOf(JSON.parse(await readFile(file, 'utf8')))))
}

const recordOf = ({ vm, snapshots, operation, asked = [], secrets = [] }: VmRecord): VmRecord => ({
  vm: withDates(vm),
  snapshots: snapshots.map(withDates),
  operation: operation && withDates(operation),
  asked,
  secrets,
})

/** JSON has no dates; every column that ends in `At` is one. */
const withDates = <Row extends object>(row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      column.endsWith('At') && typeof value === 'string' ? new Date(value) : value,
    ]),
  ) as Row
