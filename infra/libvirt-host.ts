import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

/** A libvirt host of its own: one real root libvirtd, its QEMUs and its files, apart from the machine's. */
export interface LibvirtHost {
  readonly uri: string
  readonly socketPath: string
  /** Everything the host writes; removed by `stop`. */
  readonly directory: string
  readonly hostUuid: string
  /** libvirtd's process id as this process sees it; changes with `restart`. */
  readonly pid: number
  /** Signals libvirtd alone: its QEMUs live on. Waits for its end when the signal is SIGKILL or SIGTERM. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Ends libvirtd if it still runs, starts it again in the same place, and waits until it answers. */
  restart(): Promise<void>
  /** Ends libvirtd and every process it started, and removes the directory. */
  stop(): Promise<void>
}

const libvirtd = '/usr/sbin/libvirtd'

/**
 * Each host draws VNC ports of its own, below the ephemeral ones: libvirt looks for a free port, and a QEMU of another
 * host could take it before its own does.
 */
const displayPorts = 64
const drawDisplayPort = () => 10_000 + randomInt(300) * displayPorts
const startTimeoutMs = 30_000
/** libvirtd gives its drivers 30 s to end, and the one for node devices of 11.3 now and then misses that it is to end. */
const endTimeoutMs = 60_000

/** Why no libvirt host can be started here; null when one can. */
export function libvirtAvailable(): string | null {
  if (process.platform !== 'linux') return 'libvirt needs Linux'
  if (process.getuid?.() !== 0) return 'a libvirt host of its own needs root (mount and process namespaces)'
  for (const program of [libvirtd, '/usr/bin/unshare', '/usr/bin/qemu-img']) {
    try {
      accessSync(program, constants.X_OK)
    } catch {
      return `${program} is not installed`
    }
  }
  return null
}

/**
 * Runs as process 1 of a process namespace: it reaps every orphan, and when it ends the kernel ends all the rest.
 * It starts libvirtd for every line on stdin and ends with stdin, so also when the test process is killed.
 * The outer /proc stays visible at $d/proc to tell the caller libvirtd's process id as the caller sees it.
 */
const supervisor = `
set -e
d=$1
mount --bind /proc "$d/proc"
mount -t proc proc /proc
mount --bind "$d/run" /run/libvirt
mount --bind "$d/lib" /var/lib/libvirt
mount --bind "$d/etc" /etc/libvirt
mount --bind "$d/cache" /var/cache/libvirt
mount --bind "$d/log" /var/log/libvirt
while read -r _; do
  (
    read -r pid _ <"$d/proc/self/stat"
    echo "$pid"
    exec ${libvirtd} -f /etc/libvirt/libvirtd.conf -p "$d/run/libvirtd.pid" </dev/null >>"$d/libvirtd.log" 2>&1
  ) &
done
`

/** Removes the directory from outside the mount namespace, where nothing is bound into it. */
const keeper = `
unshare --mount --propagation private --pid --fork --kill-child bash -c "$1" _ "$2" 2>>"$2/libvirtd.log"
rm -rf "$2"
`

/** Starts a libvirt host in about 0.2 s. `directory` must not exist and be short: sockets have 107 bytes. Throws when `libvirtAvailable` says why not. */
export async function startLibvirtHost(options: { hostUuid?: string; directory?: string } = {}): Promise<LibvirtHost> {
  const reason = libvirtAvailable()
  if (reason) throw new Error(reason)
  const hostUuid = options.hostUuid ?? randomUUID()
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'lv-'))
  const socketPath = join(directory, 'sock/libvirt-sock')
  layOut(directory, hostUuid)

  const child = spawn('bash', ['-c', keeper, '_', supervisor, directory], {
    // A group of its own: Ctrl-C reaches the tests, which stop the host, or end and close its stdin.
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const pids = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let pid = await startDaemon(child, pids, socketPath, directory)

  async function kill(signal: NodeJS.Signals): Promise<void> {
    process.kill(pid, signal)
    if (signal === 'SIGKILL' || signal === 'SIGTERM') {
      await waitFor(() => !isAlive(pid), 'libvirtd to end', endTimeoutMs)
    }
  }

  return {
    uri: `qemu+unix:///system?socket=${socketPath}`,
    socketPath,
    directory,
    hostUuid,
    get pid() {
      return pid
    },
    kill,
    async restart() {
      if (isAlive(pid)) await kill('SIGTERM')
      pid = await startDaemon(child, pids, socketPath, directory)
    },
    async stop() {
      if (child.exitCode !== null) return
      const exited = once(child, 'exit')
      child.stdin.end()
      await exited
    },
  }
}

function layOut(directory: string, hostUuid: string): void {
  const firstDisplayPort = drawDisplayPort()
  for (const part of ['proc', 'run', 'lib/qemu', 'etc/qemu/networks', 'cache', 'log', 'sock']) {
    mkdirSync(join(directory, part), { recursive: true })
  }
  for (const mountPoint of [
    '/run/libvirt',
    '/var/lib/libvirt',
    '/etc/libvirt',
    '/var/cache/libvirt',
    '/var/log/libvirt',
  ]) {
    mkdirSync(mountPoint, { recursive: true })
  }
  writeFileSync(
    join(directory, 'etc/qemu.conf'),
    'stdio_handler = "file"\nuser = "root"\ngroup = "root"\nsecurity_driver = "none"\ncgroup_controllers = []\nnamespaces = []\n' +
      `remote_display_port_min = ${firstDisplayPort}\nremote_display_port_max = ${firstDisplayPort + displayPorts - 1}\n`,
  )
  writeFileSync(
    join(directory, 'etc/libvirtd.conf'),
    `unix_sock_dir = "${join(directory, 'sock')}"\nauth_unix_rw = "none"\nhost_uuid = "${hostUuid}"\n`,
  )
}

async function startDaemon(
  child: ChildProcess,
  pids: AsyncIterator<string>,
  socketPath: string,
  directory: string,
): Promise<number> {
  child.stdin?.write('start\n')
  const line = await pids.next()
  if (line.done) throw new Error('the libvirt host ended at its start: no right to make namespaces?')
  const pid = Number(line.value)
  await waitFor(async () => {
    if (!isAlive(pid))
      throw new Error(`libvirtd ended at its start: ${readFileSync(join(directory, 'libvirtd.log'), 'utf8')}`)
    return accepts(socketPath)
  }, 'libvirtd to listen')
  return pid
}

function accepts(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function waitFor(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = startTimeoutMs,
): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}`)
    await sleep(10)
  }
}
