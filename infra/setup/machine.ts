import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Settings } from '#db/settings.ts'
import { connectLibvirt } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { socketAnswers } from '../process-lock.ts'
import type { Progress } from '../progress.ts'
import { isRoot } from '../system-user.ts'
import { installPackages, mayInstallPackages, missingPackages, readRelease } from './debian-packages.ts'
import { prepareKvm } from './kvm.ts'
import { ensureLibvirtDaemon, systemSocket } from './libvirt-daemon.ts'

const run = promisify(execFile)

const libvirtPackages = [
  'libvirt-daemon-system',
  'libvirt-clients',
  'libvirt-daemon-driver-qemu',
  'qemu-system-x86',
  'qemu-utils',
  'ovmf',
  'swtpm',
  'swtpm-tools',
]
/** SPICE, and qxl with it, is a package of its own from Debian 13 on. */
const spicePackage = { name: 'qemu-system-modules-spice', fromRelease: 13 }
const redisPackage = 'redis-server'
/** For the console a browser, for network cards a bridge, and for a client of the node daemon in another language grpc-tools, which does not name what it needs. */
const testPackages = [
  'chromium',
  'iproute2',
  'python3-grpc-tools',
  'python3-pkg-resources',
  // Storage pools on a target in user space, and the definitions of those that need a cluster.
  'tgt',
  'qemu-block-extra',
  'libvirt-daemon-driver-storage-iscsi-direct',
  'libvirt-daemon-driver-storage-rbd',
]

/** Which hypervisor there is to use; the simulated one with the reason why. */
export type HypervisorChoice = { kind: 'libvirt'; uri: string } | { kind: 'simulated'; reason: string }

export interface Machine {
  hypervisor: HypervisorChoice
  /** Whether a redis-server can be started. */
  hasRedis: boolean
}

const simulatedUri = 'simulated:///'

/**
 * Gets this machine ready: installs the Debian packages that are missing where it may, makes /dev/kvm usable and starts
 * libvirtd. It says what it does before it does it, does nothing that is done already, and where something cannot be had
 * it says so in what it returns.
 */
export async function prepareMachine(settings: Settings, progress: Progress): Promise<Machine> {
  const wantsRedis = settings.redisUrl === undefined && settings.queue !== 'postgres'
  const wantsLibvirt = settings.libvirtUri === undefined && process.platform === 'linux'
  const failure = await installMissing(wantsLibvirt, wantsRedis, progress)
  return {
    hypervisor: await chooseHypervisor(settings, failure, progress),
    hasRedis: wantsRedis && (await isOnPath('redis-server')),
  }
}

/** What `npm test` needs of the machine: its libvirt hosts are its own, and so is its Redis. */
export async function installTestPackages(progress: Progress): Promise<void> {
  await installMissing(process.platform === 'linux', true, progress, testPackages)
  await prepareKvm(progress.say)
}

/** Returns why nothing could be installed, or null when nothing had to be, or all was. */
async function installMissing(
  libvirt: boolean,
  redis: boolean,
  progress: Progress,
  others: readonly string[] = [],
): Promise<string | null> {
  if (!mayInstallPackages()) return null
  const wanted = [...others]
  if (libvirt && !(await socketAnswers(systemSocket))) {
    wanted.push(...libvirtPackages)
    if ((await readRelease()) >= spicePackage.fromRelease) wanted.push(spicePackage.name)
  }
  if (redis && !(await isOnPath('redis-server'))) wanted.push(redisPackage)
  const missing = await missingPackages(wanted)
  if (missing.length === 0) return null
  try {
    await installPackages(missing, progress)
    return null
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    progress.say(reason)
    return reason.split('\n', 1)[0] ?? reason
  }
}

async function chooseHypervisor(
  settings: Settings,
  installFailure: string | null,
  progress: Progress,
): Promise<HypervisorChoice> {
  const simulated = (reason: string): HypervisorChoice => ({ kind: 'simulated', reason })
  if (settings.libvirtUri === simulatedUri) return simulated(`QUANTIX_LIBVIRT_URI is ${simulatedUri}`)
  if (settings.libvirtUri !== undefined) return { kind: 'libvirt', uri: settings.libvirtUri }
  if (process.platform !== 'linux') return simulated(`libvirt runs on Linux, this is ${process.platform}`)

  if (!isRoot()) {
    for (const uri of ['qemu:///system', sessionUri()]) if (await lets(uri)) return { kind: 'libvirt', uri }
    return simulated('no libvirtd that this user may use is running, and only root may install and start one')
  }
  if (!existsSync('/usr/sbin/libvirtd')) {
    return simulated(installFailure ?? 'libvirt is not installed, and this is no Debian to install it on')
  }
  try {
    await prepareKvm(progress.say)
    await ensureLibvirtDaemon(progress.say)
    return { kind: 'libvirt', uri: 'qemu:///system' }
  } catch (error) {
    return simulated(`libvirtd does not start: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Whether libvirt lets this user in: a socket that takes a connection may still ask for rights that the user has not. */
async function lets(uri: string): Promise<boolean> {
  try {
    const connection = await connectLibvirt(uri)
    connection.close()
    return true
  } catch {
    return false
  }
}

/** This user's own libvirtd, by the socket where it listens. https://libvirt.org/daemons.html */
const sessionUri = () =>
  `qemu+unix:///session?socket=${process.env.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.()}`}/libvirt/libvirt-sock`

const isOnPath = (program: string): Promise<boolean> =>
  run('sh', ['-c', 'command -v "$0"', program]).then(
    () => true,
    () => false,
  )
