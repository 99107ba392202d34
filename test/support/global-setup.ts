import type { TestProject } from 'vitest/node'
import { startTemplateDatabase } from './template-database.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A migrated database that every test file's own is a copy of; nobody connects to it. */
    templateDatabaseUrl: string
  }
}

/** One PostgreSQL for the whole run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const template = await startTemplateDatabase((line) => console.log(line))
  project.provide('templateDatabaseUrl', template.url)
  return template.stop
}
