import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'vite'
import type { Progress } from '../progress.ts'

const root = path.join(import.meta.dirname, '../..')
const page = path.join(root, 'web/dist/index.html')
/** What the console is made of. */
const sources = ['web', 'openapi/sdk', 'package-lock.json']

/** Makes the files of the console, `web/dist`, in the place of those that were there. */
export const buildConsole = (progress: Progress): Promise<void> =>
  progress.during('Building the console', async () => {
    await build({ configFile: path.join(root, 'web/vite.config.ts'), logLevel: 'warn' })
  })

/** Builds the console unless it was built since its sources changed. */
export async function provideConsole(progress: Progress): Promise<void> {
  const builtMs = await stat(page).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
  if ((await lastChangeMs()) > builtMs) await buildConsole(progress)
}

async function lastChangeMs(): Promise<number> {
  const files = await Promise.all(sources.map(filesBelow))
  const changes = files.flat().map(async (file) => (await stat(file)).mtimeMs)
  return Math.max(...(await Promise.all(changes)))
}

async function filesBelow(source: string): Promise<string[]> {
  const place = path.join(root, source)
  if ((await stat(place)).isFile()) return [place]
  const entries = await readdir(place, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(path.join(root, 'web/dist')))
    .map((entry) => path.join(entry.parentPath, entry.name))
}
