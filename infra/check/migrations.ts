import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'

const schemaDirectory = path.resolve('db/schema')
const snapshotsDirectory = path.resolve('db/migrations/meta')

/** The SQL that the schema has and the migrations have not. */
export async function checkMigrations(): Promise<string> {
  const files = (await readdir(schemaDirectory)).filter((name) => name.endsWith('.ts'))
  const modules = await Promise.all(files.map((name) => import(path.join(schemaDirectory, name))))
  const last = (await readdir(snapshotsDirectory))
    .filter((name) => name.endsWith('_snapshot.json'))
    .sort()
    .at(-1)
  if (!last) return 'There are no migrations'
  const migrated = JSON.parse(await readFile(path.join(snapshotsDirectory, last), 'utf8'))
  const wanted = generateDrizzleJson(Object.assign({}, ...modules), migrated.id, undefined, 'snake_case')
  const missing = await generateMigration(migrated, wanted)
  return missing.length === 0 ? '' : `The schema has what no migration makes (npm run generate):\n${missing.join('\n')}`
}
