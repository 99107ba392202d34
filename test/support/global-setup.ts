import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { migrate } from '#db/migrate.ts'
import { startPostgres } from '#infra/postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A migrated database that every test file's own is a copy of; nobody connects to it. */
    templateDatabaseUrl: string
  }
}

/** One PostgreSQL for the whole run. Its data is lost with the machine, so it need not wait for the disk. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(path.join(tmpdir(), 'quantix-test-'))
  await chmod(directory, 0o755)
  const postgres = await startPostgres({
    directory: path.join(directory, 'postgres'),
    database: 'template',
    fsync: false,
    say: (line) => console.log(line),
  })
  await migrate(postgres.url, { queue: { backend: 'postgres', url: postgres.url } })
  project.provide('templateDatabaseUrl', postgres.url)

  return async () => {
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
}
