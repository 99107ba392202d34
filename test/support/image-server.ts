import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface ImageServer {
  /** Of a file on it. */
  url: string
  /** As they came. */
  requests: IncomingMessage[]
}

/** Serves on 127.0.0.1 until the test has ended. */
export async function anImageServer(
  answer: (request: IncomingMessage, response: ServerResponse, nth: number) => unknown,
): Promise<ImageServer> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response, requests.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/image`, requests }
}

/** Answers as a good file server does: whole, or the rest of the same version. */
export function serveContent(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { content, etag = '"1"' }: { content: Buffer; etag?: string },
): Buffer {
  const [, from] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? []
  const start = from !== undefined && headers['if-range'] === etag ? Number(from) : 0
  const rest = content.subarray(start)
  response.writeHead(start > 0 ? 206 : 200, {
    etag,
    'content-length': rest.length,
    ...(start > 0 && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
  })
  return rest
}
