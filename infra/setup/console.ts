import { readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'vite'
import type { Progress } from '../progress.ts'

const root = path.join(import.meta.dirname, '../..')
const dist = path.join(root, 'web/dist')
/** What the console is made of. */
const sources = ['web', 'openapi/sdk', 'package-lock.json']

/** Makes the files of the console, `web/dist`: beside those that are served, which then make room. */
export const buildConsole = (progress: Progress): Promise<void> =>
  progress.during('Building the console', async () => {
    const outDir = `${dist}.${process.pid}`
    await build({ configFile: path.join(root, 'web/vite.config.ts'), logLevel: 'warn', build: { outDir } })
    await rm(dist, { recursive: true, force: true })
    // Another one that builds at the same moment made the same.
    await rename(outDir, dist).catch(() => rm(outDir, { recursive: true }))
  })

/** Builds the console unless it was built since its sources changed. */
export async function provideConsole(progress: Progress): Promise<void> {
  const builtMs = await stat(path.join(dist, 'index.html')).then(
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
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(dist))
    .map((entry) => path.join(entry.parentPath, entry.name))
}
