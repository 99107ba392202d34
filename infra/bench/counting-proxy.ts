import { connect, createServer } from 'node:net'
import { FrameSplitter } from '#worker/hypervisor/libvirt/rpc/frame.ts'

/** https://libvirt.org/kbase/internals/rpc.html: six words, among them the program, the procedure and the kind of message. */
const procedureOffset = 8
const typeOffset = 12
const call = 0

/** Stands between a program and libvirtd, and counts the calls of one procedure. */
export interface CountingProxy {
  readonly calls: number
  close(): void
}

export async function startCountingProxy(
  { program, number }: { program: number; number: number },
  { socketPath, libvirtSocket }: { socketPath: string; libvirtSocket: string },
): Promise<CountingProxy> {
  let calls = 0
  const server = createServer((client) => {
    const daemon = connect(libvirtSocket)
    const frames = new FrameSplitter((buffer, start) => {
      const isOfProcedure =
        buffer.readUInt32BE(start) === program && buffer.readUInt32BE(start + procedureOffset) === number
      if (isOfProcedure && buffer.readUInt32BE(start + typeOffset) === call) calls++
    })
    client.on('data', (chunk) => frames.push(chunk))
    client.pipe(daemon).pipe(client)
    for (const end of [client, daemon]) end.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  return {
    get calls() {
      return calls
    },
    close: () => void server.close(),
  }
}
