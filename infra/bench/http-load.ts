import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { answerRequests } from './helper-process.ts'
import { closedLoop } from './measure.ts'

export interface LoadRequest {
  port: number
  concurrency: number
  durationMs: number
}

/** Creates VMs as fast as so many kept-alive connections can. Plain sockets: the two cores are for who is measured. */
answerRequests<LoadRequest>(async ({ port, concurrency, durationMs }) => {
  const connections = await Promise.all(Array.from({ length: concurrency }, () => openConnection(port)))
  const samples = await closedLoop(concurrency, durationMs, async (caller) => connections[caller]?.post(vmBody()))
  for (const { socket } of connections) socket.destroy()
  return samples
})

const vmBody = (): string =>
  JSON.stringify({ name: `bench-${randomUUID()}`, spec: { cpu: { cores: 2 }, memory: { sizeMib: 2048 } } })

async function openConnection(port: number): Promise<{ socket: Socket; post(body: string): Promise<void> }> {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay()
  let received = ''
  let waiting: PromiseWithResolvers<void> | null = null
  socket.on('error', (error) => waiting?.reject(error))
  socket.on('close', () => waiting?.reject(new Error('the server closed the connection')))
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    received += chunk
    const bodyAt = received.indexOf('\r\n\r\n') + 4
    if (bodyAt < 4) return
    const length = /content-length: (\d+)/i.exec(received.slice(0, bodyAt))?.[1]
    if (length === undefined) waiting?.reject(new Error(`an answer without a length: ${received}`))
    if (received.length < bodyAt + Number(length)) return
    if (received.startsWith('HTTP/1.1 202 ')) waiting?.resolve()
    else waiting?.reject(new Error(received))
    received = ''
  })
  return {
    socket,
    post(body) {
      waiting = Promise.withResolvers()
      socket.write(
        'POST /api/v1/vms HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n' +
          `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      )
      return waiting.promise
    },
  }
}
