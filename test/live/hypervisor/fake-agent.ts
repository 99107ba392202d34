import { rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'

interface Arguments {
  id?: number
  mountpoints?: string[]
}

type Command = 'guest-fsfreeze-status' | 'guest-fsfreeze-freeze' | 'guest-fsfreeze-thaw' | 'guest-get-fsinfo' | string

/** How to answer one command: with `return`, with `error`, with raw bytes, with a line that does not end, later, or never. */
export type Answer = { return: unknown } | { error: string } | { raw: string } | EndlessLine | 'never' | 'hangUp'

interface EndlessLine {
  endless: Buffer
  upToBytes: number
  /** Hears of what was taken. */
  sent(bytes: number): void
}

/** A guest agent of a test, in place of the guest's own on the channel's socket. It knows whether it is frozen. */
export interface FakeAgent {
  frozen: boolean
  /** What it was asked, synchronisations left out. */
  readonly asked: Command[]
  /** When it froze and thawed, ms of the process's clock. */
  readonly changes: { frozen: boolean; at: number }[]
  /** Answers some commands in another way; undefined answers as a good agent does. */
  behave(answer: (command: Command) => Answer | undefined | Promise<Answer | undefined>): void
  setFrozen(frozen: boolean): void
  close(): Promise<void>
}

/**
 * Takes the socket's place: whoever connects to it next talks to the fake. Like qemu-ga it answers one command after the
 * other, in the order in which they came.
 */
export async function startFakeAgent(socketPath: string): Promise<FakeAgent> {
  const sockets = new Set<Socket>()
  let behaviour: Parameters<FakeAgent['behave']>[0] = () => undefined
  const agent: FakeAgent = {
    frozen: false,
    asked: [],
    changes: [],
    behave(answer) {
      behaviour = answer
    },
    setFrozen(frozen) {
      if (agent.frozen !== frozen) agent.changes.push({ frozen, at: performance.now() })
      agent.frozen = frozen
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    let queue = Promise.resolve()
    let rest = ''
    socket.setEncoding('latin1').on('data', (data) => {
      const lines = `${rest}${data}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) queue = queue.then(() => serve(socket, line))
    })
  })

  async function serve(socket: Socket, line: string): Promise<void> {
    const json = line.slice(line.indexOf('{'))
    if (!json) return
    const { execute, arguments: args } = JSON.parse(json) as { execute: Command; arguments?: Arguments }
    if (execute.startsWith('guest-sync')) return say(socket, { return: args?.id })
    agent.asked.push(execute)
    const answer = (await behaviour(execute)) ?? asAGoodOne(execute, args)
    if (answer === 'hangUp') socket.destroy()
    else if (answer !== 'never' && 'endless' in answer) await sayEndlessly(socket, answer)
    else if (answer !== 'never') say(socket, answer)
  }

  function asAGoodOne(command: Command, args: Arguments = {}): Answer {
    if (command === 'guest-fsfreeze-status') return { return: agent.frozen ? 'frozen' : 'thawed' }
    if (command === 'guest-fsfreeze-thaw') {
      agent.setFrozen(false)
      return { return: 2 }
    }
    if (agent.frozen) return { error: `Command ${command} has been disabled: the agent is in frozen state` }
    if (command === 'guest-get-fsinfo') return { return: mounted }
    const isFreeze = command === 'guest-fsfreeze-freeze' || command === 'guest-fsfreeze-freeze-list'
    if (!isFreeze) return { error: `Command ${command} has not been found` }
    agent.setFrozen(true)
    const { mountpoints = ['/', '/data'] } = args
    return {
      return: new Set(mounted.filter((one) => mountpoints.includes(one.mountpoint)).map(({ name }) => name)).size,
    }
  }

  await rm(socketPath)
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  return agent
}

/** A root, a disk of data mounted twice, and a boot partition that Linux cannot freeze. */
const mounted = [
  { name: 'vda1', mountpoint: '/', type: 'ext4' },
  { name: 'vda2', mountpoint: '/boot/efi', type: 'vfat' },
  { name: 'vdb1', mountpoint: '/data', type: 'xfs' },
  { name: 'vdb1', mountpoint: '/srv/data', type: 'xfs' },
]

function say(socket: Socket, answer: Exclude<Answer, string | EndlessLine>): void {
  if ('raw' in answer) socket.write(answer.raw)
  else if ('error' in answer)
    socket.write(`${JSON.stringify({ error: { class: 'GenericError', desc: answer.error } })}\n`)
  else socket.write(`${JSON.stringify(answer)}\n`)
}

/** No faster than it is read, until it is not read any more. */
async function sayEndlessly(socket: Socket, { endless, upToBytes, sent }: EndlessLine): Promise<void> {
  for (let bytes = 0; bytes < upToBytes; bytes += endless.length) {
    const error = await new Promise((resolve) => socket.write(endless, resolve))
    if (error) return
    sent(endless.length)
  }
}
