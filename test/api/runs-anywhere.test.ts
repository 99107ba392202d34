import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '../..')

/** What a module imports when it runs: types are gone by then. */
const importsOf = (file: string): string[] =>
  Array.from(
    readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )(?:[\w\s*{},]+ from )?'([^']+)'/gm),
    ([, name]) => name ?? '',
  )

/** Our modules and the packages that a module needs, directly or not. */
function reach(entry: string): { modules: Set<string>; packages: Set<string> } {
  const modules = new Set<string>()
  const packages = new Set<string>()
  const open = [path.join(root, entry)]
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (modules.has(file)) continue
    modules.add(file)
    for (const name of importsOf(file)) {
      if (name.startsWith('#')) open.push(path.join(root, name.slice(1)))
      else if (name.startsWith('.')) open.push(path.join(path.dirname(file), name))
      else packages.add(name)
    }
  }
  return { modules, packages }
}

test('the app needs nothing of Node, so that it runs on Lambda and at the edge', () => {
  const { modules, packages } = reach('api/app.ts')
  expect(modules.size).toBeGreaterThan(40)
  expect([...packages].sort()).toEqual([
    '@hono/zod-openapi',
    'croner',
    'drizzle-orm',
    'drizzle-orm/pg-core',
    'drizzle-orm/postgres-js',
    'hono/body-limit',
    'hono/http-exception',
    'hono/request-id',
    'postgres',
    'yaml',
    'zod',
  ])
})

test('nothing of the worker is reached from the API, and nothing of the API from the worker', () => {
  const within = (entry: string, folder: string) =>
    [...reach(entry).modules].filter((file) => file.startsWith(path.join(root, folder, '/')))
  expect(within('api/main.ts', 'worker')).toEqual([])
  expect(within('worker/main.ts', 'api')).toEqual([])
})
