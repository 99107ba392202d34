// Runs a TypeScript program of this repository on a machine that has only Node 20 and npm: installs the npm packages
// where they do not match the lockfile, then runs the program with their Node 24. Plain JavaScript with no dependencies.
// usage: node infra/bootstrap.js PROGRAM.ts [ARGUMENTS…]
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { packagesMatchLockfile } from './packages-match-lockfile.js'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const binaries = path.join(root, 'node_modules', '.bin')
const neededMajor = 24

if (!packagesMatchLockfile(root)) {
  console.log('Installing the npm packages named in package-lock.json into node_modules (about 400 MB, half a minute)')
  // npm must not run on the Node that it is about to replace.
  const outside = (process.env.PATH ?? '').split(path.delimiter).filter((entry) => !entry.endsWith('node_modules/.bin'))
  // Node 20 is too old for some packages, which never run on it: at its usual level npm warns of each.
  const PATH = outside.join(path.delimiter)
  const status = await run('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], { PATH }, 'inherit')
  if (status !== 0) {
    console.error('npm ci failed; nothing was started')
    process.exit(status)
  }
}

const [program, ...args] = process.argv.slice(2)
if (!program) throw new Error('usage: node infra/bootstrap.js PROGRAM.ts [ARGUMENTS…]')
const followParent = path.join(root, 'infra', 'follow-parent.ts')
// The channel closes when this process ends, however it ends: follow-parent.ts waits for that.
const nodeArgs = ['--import', followParent, path.join(root, program), ...args]
process.exit(await run(findNode(), nodeArgs, programEnvironment(), 'ipc'))

/** The Node of the npm packages; on a platform that has none there, the one that runs this. */
function findNode() {
  const packaged = path.join(binaries, 'node')
  if (existsSync(packaged)) return packaged
  if (Number.parseInt(process.versions.node, 10) >= neededMajor) return process.execPath
  console.error(
    `Node ${neededMajor} or newer is needed, this is ${process.version}, and npm has none for ${process.platform} ${process.arch}.`,
  )
  process.exit(1)
}

/** For the program and all that it starts: found first, quick to load. */
function programEnvironment() {
  const quickResolve = pathToFileURL(path.join(root, 'infra', 'quick-resolve.js'))
  return {
    PATH: [binaries, process.env.PATH].join(path.delimiter),
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${quickResolve}`,
    // Without the types, so that what was loaded once needs no TypeScript parser any more.
    NODE_COMPILE_CACHE: path.join(root, '.cache', 'node'),
  }
}

/**
 * Runs a program to its end, signals passed on. Resolves with its exit status.
 * @param {string} command
 * @param {string[]} commandArgs
 * @param {Record<string, string>} environment
 * @param {'inherit' | 'ipc'} channel
 * @returns {Promise<number>}
 */
function run(command, commandArgs, environment, channel) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArgs, {
      cwd: root,
      stdio: channel === 'ipc' ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
      env: { ...process.env, ...environment },
    })
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(signal, () => child.kill(signal))
    }
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
