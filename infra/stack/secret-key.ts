import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

/**
 * The key that this state directory's secrets are sealed with, in base64; made when there is none. For its owner alone:
 * who has it and the database has the secrets.
 */
export async function provideSecretKey(stateDirectory: string): Promise<string> {
  const file = path.join(stateDirectory, 'secret.key')
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const key = randomBytes(32).toString('base64')
  await writeFile(file, `${key}\n`, { mode: 0o600, flag: 'wx' })
  return key
}
