import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Progress } from '../progress.ts'
import { isRoot } from '../system-user.ts'

const run = promisify(execFile)

/** https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt */
const policyFile = '/usr/sbin/policy-rc.d'

/** Whether this is a Debian (or a child of it) on which we may install packages. */
export const mayInstallPackages = (): boolean => isRoot() && existsSync('/usr/bin/apt-get')

/** The number of the release, as Debian and its children write it; of one that is not released yet, a higher one than any. */
export async function readRelease(file = '/etc/os-release'): Promise<number> {
  const [, release] = /^VERSION_ID="?(\d+)/m.exec(await readFile(file, 'utf8')) ?? []
  return Number(release ?? Infinity)
}

/** Those of `packages` that are not installed. */
export async function missingPackages(packages: readonly string[]): Promise<string[]> {
  // It fails for names it does not know, and lists the rest all the same.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders.
  const query = run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...packages])
  const listed: string = await query.then(
    ({ stdout }) => stdout,
    (error) => error.stdout ?? '',
  )
  const installed = new Set(listed.split('\n').filter((line) => line.endsWith(' installed')))
  return packages.filter((name) => !installed.has(`${name} installed`))
}

/** Installs Debian packages, and starts none of their services: what is needed of them is started by name afterwards. */
export async function installPackages(packages: readonly string[], progress: Progress): Promise<void> {
  progress.say(`Debian packages to install: ${packages.join(' ')}`)
  await progress.during('Installing Debian packages', async (detail) => {
    const ownPolicy = !existsSync(policyFile)
    if (ownPolicy) await writeFile(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
    try {
      await aptGet(['update'], detail)
      await aptGet(['install', '--yes', '--no-install-recommends', ...packages], detail)
    } finally {
      if (ownPolicy) await rm(policyFile, { force: true })
    }
  })
}

/** Another apt-get may be at work, as just after a machine's first boot; waiting for its lock is better than failing. */
const lockTimeout = 'DPkg::Lock::Timeout=300'

async function aptGet(args: string[], detail: (text: string) => void): Promise<void> {
  const child = spawn('apt-get', ['-q', '-o', 'Dpkg::Use-Pty=0', '-o', lockTimeout, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
  })
  let output = ''
  const read = (chunk: Buffer) => {
    output += chunk
    detail(output.trimEnd().split('\n').at(-1) ?? '')
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (status !== 0) throw new Error(`apt-get ${args[0]} failed:\n${output.trimEnd().split('\n').slice(-15).join('\n')}`)
}
