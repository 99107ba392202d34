import { connect, createServer } from 'node:net'
import { FrameSplitter } from '#worker/hypervisor/libvirt/rpc/frame.ts'

/** https://libvirt.org/kbase/internals/rpc.html: six words, among them the program and the kind of message. */
const remoteProgram = 0x20008086
const typeOffset = 12
const call = 0

/** Stands between a program and libvirtd, and counts the calls. */
export interface CountingProxy {
  readonly calls: number
  close(): void
}

export async function startCountingProxy(socketPath: string, libvirtSocket: string): Promise<CountingProxy> {
  let calls = 0
  const server = createServer((client) => {
    const daemon = connect(libvirtSocket)
    const frames = new FrameSplitter((buffer, start) => {
      const isCall = buffer.readUInt32BE(start) === remoteProgram && buffer.readUInt32BE(start + typeOffset) === call
      if (isCall) calls++
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
