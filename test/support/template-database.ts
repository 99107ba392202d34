import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { migrate } from '#db/migrate.ts'
import { startPostgres } from '#infra/postgres.ts'

/** A PostgreSQL with a migrated database to make copies of; its data is lost with the machine, so it need not wait for the disk. */
export async function startTemplateDatabase(say: (line: string) => void) {
  const directory = await mkdtemp(path.join(tmpdir(), 'quantix-test-'))
  await chmod(directory, 0o755)
  const postgres = await startPostgres({
    directory: path.join(directory, 'postgres'),
    database: 'template',
    fsync: false,
    say,
  })
  await migrate(postgres.url, { queue: { backend: 'postgres', url: postgres.url } })
  return {
    url: postgres.url,
    async stop() {
      await postgres.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
