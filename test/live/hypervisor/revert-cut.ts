import { readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { holdFiles } from '#worker/hypervisor/libvirt/freeze/hold-files.ts'
import { createHolds } from '#worker/hypervisor/libvirt/freeze/holds.ts'
import { createThawLine } from '#worker/hypervisor/libvirt/freeze/thaw-line.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import type { CreateDeps } from '#worker/hypervisor/libvirt/snapshot/create.ts'
import { snapshotJournal } from '#worker/hypervisor/libvirt/snapshot/journal.ts'
import { reclaimJournal } from '#worker/hypervisor/libvirt/snapshot/reclaim-journal.ts'
import type { RevertDeps } from '#worker/hypervisor/libvirt/snapshot/revert.ts'
import { revertJournal } from '#worker/hypervisor/libvirt/snapshot/revert-journal.ts'
import { createSettlements } from '#worker/hypervisor/libvirt/snapshot/settle.ts'
import { storagePool } from '#worker/hypervisor/libvirt/storage-pool.ts'
import type { LibvirtNode } from './libvirt-node.ts'

const changing = /Create|Delete|Destroy|Define|Restore|Resume|Remove/

/** The death of a worker, before or after the n-th change that it makes: it does nothing from then on. */
export class Cut {
  /** The change at which it died; null while it lives. */
  reached: string | null = null
  #left: number
  readonly #when: 'before' | 'after'

  constructor(at: number, when: 'before' | 'after') {
    this.#left = at
    this.#when = when
  }

  async change<T>(name: string, make: () => Promise<T>): Promise<T> {
    this.requireAlive()
    if (--this.#left > 0) return make()
    if (this.#when === 'after') await make()
    this.reached = name
    throw new Error(`cut off ${this.#when} ${name}`)
  }

  requireAlive(): void {
    if (this.reached !== null) throw new Error('cut off')
  }
}

/** What a revert works with, on a worker that dies at the cut. */
export function cutRevertDeps(node: LibvirtNode, cut: Cut): RevertDeps & CreateDeps {
  const { nodeId, poolDirectory, stateDirectory, log } = node.options
  const connection: LibvirtConnection = {
    uri: node.connection.uri,
    state: 'connected',
    async call(procedure, args, options) {
      cut.requireAlive()
      const make = () => node.connection.call(procedure, args, options)
      return changing.test(procedure.name) ? cut.change(procedure.name, make) : make()
    },
    onDomainEvent: () => Promise.resolve(() => {}),
    onStateChange: () => () => {},
    close: () => {},
  }
  const pool = storagePool(connection, { name: `quantix-${nodeId.slice(0, 8)}`, path: poolDirectory })
  const journal = snapshotJournal(stateDirectory)
  const reverts = revertJournal(stateDirectory)
  const files = holdFiles(stateDirectory)
  const thawLine = createThawLine(async () => connection)
  return {
    connect: () => connectLibvirt(node.options.uri),
    connection,
    slowConnection: connection,
    pool,
    journal,
    settlements: createSettlements({ connection, thawLine, pool, journal, log }),
    holds: createHolds({ connection, thawLine, files, runPostThaw: async () => null, log }),
    reclaims: reclaimJournal(stateDirectory),
    reverts: { ...reverts, write: (entry) => cut.change('the journal', () => reverts.write(entry)) },
    log,
  }
}

/**
 * What the administrator is told to do (VM_HALF_STARTED), beforehand: a libvirtd 9.0 that was killed before it knew the
 * process id of a QEMU never does anything with that VM again. About one kill in fifty of a revert is such a one.
 */
export async function forgetHalfStarted({ host }: Pick<LibvirtNode, 'host'>): Promise<void> {
  const directory = path.join(host.directory, 'run/qemu')
  for (const name of (await readdir(directory)).filter((entry) => entry.endsWith('.xml'))) {
    const file = path.join(directory, name)
    if (/<domstatus [^>]*pid='0'/.test(await readFile(file, 'utf8'))) await rm(file)
  }
}
