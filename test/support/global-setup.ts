import type { TestProject } from 'vitest/node'
import { provideConsole } from '#infra/setup/console.ts'
import { startTemplateDatabase } from './template-database.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A migrated database that every test file's own is a copy of; nobody connects to it. */
    templateDatabaseUrl: string
  }
}

/** One PostgreSQL for the whole run, and the console, which several test files would otherwise build at once. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await provideConsole({ say: () => {}, during: (_, work) => work(() => {}) })
  const template = await startTemplateDatabase((line) => console.log(line))
  project.provide('templateDatabaseUrl', template.url)
  return template.stop
}
