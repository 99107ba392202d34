import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { timeEach } from './measure.ts'

const run = promisify(execFile)
const pythonProgram = path.join(import.meta.dirname, 'libvirt-calls.py')

/** The calls that are compared; an item is a definition for `define`, a domain's UUID for `xml` and `undefine`. */
export type LibvirtCall = 'version' | 'define' | 'xml' | 'undefine'

/** One way to call libvirt. */
export interface Caller {
  /** How long each call takes, one after the other, ms. */
  time(call: LibvirtCall, items: readonly string[]): Promise<number[]>
}

export interface PythonCaller extends Caller {
  /** Why there is none, and nothing is measured; null where there is one. */
  missing: string | null
  /** How long all calls together take with so many threads, ms; NaN where there is none. */
  timeAll(call: LibvirtCall, items: readonly string[], threads: number): Promise<number>
  stop(): Promise<void>
}

/** libvirt's C library, called and timed in a Python process of its own. */
export async function startPythonCaller(uri: string): Promise<PythonCaller> {
  // Debian's own Python: the binding is not there for any other.
  const child = spawn('/usr/bin/python3', [pythonProgram, uri], { stdio: ['pipe', 'pipe', 'pipe'] })
  let complaint = ''
  child.on('error', (error) => (complaint += error.message))
  child.stderr.on('data', (chunk) => (complaint += chunk))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<unknown> => {
    const line = await lines.next()
    if (line.done) throw new Error(`the Python program ended: ${complaint.trim()}`)
    return JSON.parse(line.value)
  }
  const ask = (request: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(request)}\n`)
    return answer()
  }

  const ready = await answer().catch((error: Error) => error)
  if (ready instanceof Error) {
    if (/No module named|ENOENT/.test(complaint)) return noPython
    throw ready
  }
  return {
    missing: null,
    time: async (call, items) => (await ask({ call, items })) as number[],
    timeAll: async (call, items, threads) => ((await ask({ call, items, threads })) as [number])[0],
    stop: () => end(child),
  }
}

const noPython: PythonCaller = {
  missing: 'no reference here: apt-get install python3-libvirt',
  time: async () => [],
  timeAll: async () => Number.NaN,
  stop: async () => {},
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.stdin?.end()
  await ended
}

/** A `virsh` process for each call. */
export const virshCaller = (uri: string): Caller => ({
  async time(call, items) {
    const directory = await mkdtemp(path.join(tmpdir(), 'virsh-'))
    try {
      const file = path.join(directory, 'domain.xml')
      const samples: number[] = []
      for (const item of items) {
        if (call === 'define') await writeFile(file, item)
        const args = {
          version: ['version'],
          define: ['define', file],
          xml: ['dumpxml', item],
          undefine: ['undefine', item],
        }
        samples.push(...(await timeEach(1, () => run('virsh', ['-c', uri, ...args[call]]))))
      }
      return samples
    } finally {
      await rm(directory, { recursive: true })
    }
  },
})
