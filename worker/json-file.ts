import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { unlessGone } from './files.ts'

/**
 * What was written last, as its writer typed it; null where there is no file.
 * @throws what JSON.parse throws when it is no JSON
 */
export async function readJson<Content>(file: string): Promise<Content | null> {
  const text = await unlessGone(readFile(file, 'utf8'))
  return text === null ? null : JSON.parse(text)
}

/** Puts `content` into `file`, on the disk, and makes its directory; one who is killed here leaves the old file or the new one. Only its owner reads it. */
export async function writeJson(file: string, content: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(`${file}.new`, JSON.stringify(content), { flush: true, mode: 0o600 })
  await rename(`${file}.new`, file)
}
