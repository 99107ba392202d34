import { readFile, writeFile } from 'node:fs/promises'

interface LockedPackage {
  version?: string
  resolved?: string
  integrity?: string
  optional?: boolean
  dev?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}
type Packages = Record<string, LockedPackage>

const file = 'package-lock.json'

/**
 * The lockfile names packages and checksums, and no address: whoever installs has a registry of their own. And it names
 * the packages of every platform, without which `npm ci` refuses it: a registry that lacks some of them makes npm leave
 * them out of what it writes.
 */
export async function checkLockfile(): Promise<string> {
  const { packages } = await readLockfile()
  const named = Object.entries(packages).filter(([name]) => name !== '')
  return [
    ...named.filter(([, entry]) => entry.resolved !== undefined).map(([name]) => `${name} has a download address`),
    ...named
      .filter(([name, entry]) => entry.integrity === undefined && !isOfAnotherPlatform(name))
      .map(([name]) => `${name} has no checksum`),
    ...[...missingPlatforms(packages).keys()].map((name) => `${name} is missing (npm run fix adds it)`),
  ].join('\n')
}

/** Adds what `checkLockfile` finds missing. Such an entry has no checksum; the first `npm install` that finds the package adds it. */
export async function completeLockfile(): Promise<void> {
  const lockfile = await readLockfile()
  const missing = missingPlatforms(lockfile.packages)
  if (missing.size === 0) return
  const packages = Object.entries({ ...lockfile.packages, ...Object.fromEntries(missing) })
  lockfile.packages = Object.fromEntries(packages.sort(([one], [other]) => one.localeCompare(other, 'en')))
  await writeFile(file, `${JSON.stringify(lockfile, null, 2)}\n`)
}

const readLockfile = async (): Promise<{ packages: Packages }> => JSON.parse(await readFile(file, 'utf8'))

/** Optional packages that are named and have no entry, with the entry that they should have. */
function missingPlatforms(packages: Packages): Map<string, LockedPackage> {
  const missing = new Map<string, LockedPackage>()
  for (const [parent, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (findEntry(packages, parent, name)) continue
      const { os, cpu, libc } = platformOf(name)
      // In npm's own order, so that it leaves the file as it is.
      const entry = { version, cpu, ...(dev && { dev }), ...(libc && { libc }), optional: true, os }
      missing.set(`node_modules/${name}`, entry)
    }
  }
  return missing
}

/** Where Node would look for it: beside the parent, then further and further out. */
function findEntry(packages: Packages, parent: string, name: string): LockedPackage | undefined {
  const found = packages[`${parent === '' ? '' : `${parent}/`}node_modules/${name}`]
  if (found || parent === '') return found
  return findEntry(packages, parent.slice(0, Math.max(0, parent.lastIndexOf('/node_modules/'))), name)
}

/** As npm names them in `os` and `cpu`; such packages carry them in their names. */
const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64']
/** Other names that packages have for them. */
const processorNames: Record<string, string> = { aarch64: 'arm64', armv7: 'arm' }

function platformOf(name: string): { os: string[]; cpu: string[]; libc?: string[] } {
  const words = name.split(/[/-]/).map((word) => processorNames[word] ?? word)
  return {
    os: systems.filter((system) => words.includes(system)),
    cpu: processors.filter((processor) => words.includes(processor)),
    ...(words.includes('musl') && { libc: ['musl'] }),
  }
}

const isOfAnotherPlatform = (name: string): boolean => {
  const { os, cpu, libc = [] } = platformOf(name)
  return !os.includes('linux') || !(cpu.includes('x64') || cpu.includes('arm64')) || libc.includes('musl')
}
