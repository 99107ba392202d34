import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { newId } from '#db/new-id.ts'
import { createApp } from './app.ts'
import { addConsole } from './console/pages.ts'
import type { Deps } from './deps.ts'
import { addDocsPage } from './docs/page.ts'
import { metricsType } from './node-daemons/metrics-text.ts'

export interface ApiServer {
  /** Without a slash at its end. */
  url: string
  /** Takes no new requests, lets those that run end for at most `graceMs`, and resolves when all are done. */
  close(graceMs?: number): Promise<void>
}

const defaultGraceMs = 5000
const idleCheckMs = 50

/** What is long: lists, and what the documentation page loads. A single resource is sent sooner than it is compressed. */
const longAnswers = ['/api/v1/:list', '/api/v1/:resource/:id/:list', '/openapi.json', '/docs/*']

/** Serves the API on this machine; port 0 takes a free one. `metrics` are for Prometheus. Rejects when the port is taken. */
export async function serveApi(
  deps: Omit<Deps, 'defer' | 'newId'>,
  { port, hostname = '127.0.0.1', metrics }: { port: number; hostname?: string; metrics?: () => string },
): Promise<ApiServer> {
  const deferred = new Set<Promise<void>>()
  const defer = (work: Promise<void>) => {
    deferred.add(work)
    void work.finally(() => deferred.delete(work))
  }
  const app = createApp({ ...deps, defer, newId })
  addDocsPage(app)
  const served = new Hono()
  if (metrics) served.get('/metrics', (c) => c.body(metrics(), 200, { 'Content-Type': metricsType }))
  served.on('GET', longAnswers, compress())
  addConsole(served)
  served.all('*', ({ req, env }) => app.fetch(req.raw, env))

  const server = createAdaptorServer({ fetch: served.fetch }) as Server
  server.listen(port, hostname)
  await once(server, 'listening')
  const address = server.address() as AddressInfo

  return {
    url: `http://${hostname}:${address.port}`,
    async close(graceMs = defaultGraceMs) {
      const closed = once(server, 'close')
      server.close()
      // A connection that falls idle after the close would be kept for the next request.
      const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs)
      const force = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearInterval(idle)
      clearTimeout(force)
      await Promise.all(deferred)
    },
  }
}
