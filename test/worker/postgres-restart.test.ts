import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import type { QueueConfig } from '#db/operations/queue.ts'
import { startPostgres } from '#infra/postgres.ts'
import { eventually } from '#test/db/eventually.ts'
import { startProxy } from '#test/db/proxy.ts'
import { anOperation, aVm, readOperation } from '#test/db/rows.ts'
import { anImageStore } from '#test/support/image-store.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { startWorker } from '#worker/worker.ts'

const restarts = 3

test('a worker whose database and queue are one Postgres outlives its restarts, and runs what is asked for in them', async ({
  onTestFinished,
}) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'qp-'))
  await chmod(directory, 0o755)
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const start = () =>
    startPostgres({ directory: path.join(directory, 'pg'), database: 'quantix', fsync: false, say: () => {} })
  let postgres = await start()
  onTestFinished(() => postgres.stop())
  const proxy = await startProxy(postgres.url)
  const queue: QueueConfig = { backend: 'postgres', url: proxy.url }
  await migrate(proxy.url, { queue })

  const db = openDatabase(proxy.url)
  onTestFinished(() => db.close())
  const worker = await startWorker(
    {
      nodeId: crypto.randomUUID(),
      daemonAddress: null,
      db,
      queue,
      hypervisor: createSimulatedHypervisor(),
      images: anImageStore(path.join(directory, 'images')),
      secretBox: testSecretBox,
      health: { setServing: () => {} },
      log: pino({ level: 'silent' }),
      onSuperseded: () => expect.fail('nobody took the node over'),
    },
    new AbortController().signal,
  )
  onTestFinished(() => worker.close())

  for (let restart = 0; restart < restarts; restart++) {
    const before = await anOperation(db, await aVm(db, worker.nodeId, { state: 'CREATING' }), 'vm.create')
    await proxy.cut()
    await postgres.stop()
    postgres = await start()
    await proxy.restore(postgres.url)
    const after = await eventually(async () => {
      const vm = await aVm(db, worker.nodeId, { state: 'CREATING' }).catch(() => null)
      return vm && anOperation(db, vm, 'vm.create')
    })
    for (const { id } of [before, after]) {
      await eventually(async () => (await readOperation(db, id)).status === 'succeeded', 12_000)
    }
  }
}, 60_000)
