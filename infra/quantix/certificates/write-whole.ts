import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

const forItsOwner = { directory: 0o700, file: 0o600 }

/** Writes files for their owner alone; each takes its place when it is whole and on disk. */
export async function writeFiles(directory: string, files: Record<string, string>): Promise<void> {
  await mkdir(directory, { recursive: true, mode: forItsOwner.directory })
  for (const [name, content] of Object.entries(files)) {
    const draft = path.join(directory, `.${name}.${randomBytes(4).toString('hex')}`)
    const file = await open(draft, 'wx', forItsOwner.file)
    try {
      await file.writeFile(content)
      await file.sync()
      await file.close()
      await rename(draft, path.join(directory, name))
    } catch (error) {
      await file.close().catch(() => {})
      await rm(draft, { force: true })
      throw error
    }
  }
}

/** The same for a directory that is not there yet: it is there with all its files, or not at all. */
export async function writeDirectory(directory: string, files: Record<string, string>): Promise<void> {
  const draft = path.join(path.dirname(directory), `.${path.basename(directory)}.${randomBytes(4).toString('hex')}`)
  try {
    await writeFiles(draft, files)
    await rename(draft, directory)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}
