import { execFile } from 'node:child_process'
import { mkdir, readdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Dependencies followed: shared libraries, and the kernel that a kernel's meta package stands for. */
const dependencyLine = /^ +\|?(?:Pre)?Depends: ((?:z?lib|linux-image-)\S+)$/gm

/**
 * Downloads Debian packages with the shared libraries they need, and unpacks them into `root`; nothing is installed.
 * Throws with what to do when apt is missing, knows no such package or cannot download.
 */
export async function unpackPackages(
  names: readonly string[],
  { root, downloads, log }: { root: string; downloads: string; log: (line: string) => void },
): Promise<void> {
  await download(names, downloads)
    .catch(async (error: unknown) => {
      log('apt does not have the packages; running apt-get update, then trying again')
      // Only root may; where it fails, the download's own error is the one to show.
      await run('apt-get', ['update', '-qq']).catch(() => {
        throw error
      })
      await download(names, downloads)
    })
    .catch((error: unknown) => {
      throw new Error(`The packages of the test guest cannot be downloaded: ${firstLine(error)}\n${advice}`, {
        cause: error,
      })
    })
  await mergeUsr(root)
  for (const file of await readdir(downloads)) await run('sh', ['-c', unpack, path.join(downloads, file), root])
}

/** Unlike `dpkg-deb -x` it keeps the links of a merged /usr. */
const unpack = 'dpkg-deb --fsys-tarfile "$0" | tar -x --keep-directory-symlink -C "$1"'

/** Debian 12's packages hold /bin and /lib where Debian 13's hold /usr/bin and /usr/lib: so both are found by both names. */
async function mergeUsr(root: string): Promise<void> {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(path.join(root, 'usr', name), { recursive: true })
    await symlink(`usr/${name}`, path.join(root, name))
  }
}

async function download(names: readonly string[], directory: string): Promise<void> {
  // As root apt would download as user _apt, who may not write here.
  const options = ['-qq', '-o', 'APT::Sandbox::User=root']
  await run('apt-get', ['download', ...options, ...(await withLibraries(names))], { cwd: directory })
}

async function withLibraries(names: readonly string[]): Promise<string[]> {
  const found = new Set(names)
  for (let next = [...names]; next.length > 0; ) {
    const { stdout } = await run('apt-cache', ['depends', ...next])
    next = [...stdout.matchAll(dependencyLine)].flatMap(([, name]) => (name && !found.has(name) ? [name] : []))
    for (const name of next) found.add(name)
  }
  return [...found]
}

const firstLine = (error: unknown): string => {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  return said.split('\n')[0] || String(error)
}

const advice =
  'It is made from Debian packages, and needs a Debian 12 or 13 system for amd64 whose apt reaches a mirror. ' +
  'If the package lists are missing or old, run "apt-get update" as root and try again.'
