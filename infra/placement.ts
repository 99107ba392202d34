import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { canEnter, type SystemUser } from './system-user.ts'

/** Where root keeps what other users must reach when the state directory is closed to them. */
const openDirectory = '/var/lib/quantix'

/**
 * A directory for what `user` must reach: `directory` itself, or its own place under /var/lib/quantix where `directory`
 * lies below one that only its owner may enter (a home of mode 0700, say).
 */
export async function placeWithinReach(user: SystemUser, directory: string): Promise<string> {
  if (await canEnter(user, nearestExisting(directory))) return directory
  const digest = createHash('sha256').update(directory).digest('hex').slice(0, 12)
  return path.join(openDirectory, `${path.basename(directory).replace(/^\.+/, '')}-${digest}`)
}

function nearestExisting(directory: string): string {
  return existsSync(directory) ? directory : nearestExisting(path.dirname(directory))
}
