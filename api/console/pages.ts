import path from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import type { Hono } from 'hono'
import { compress } from 'hono/compress'

const root = path.join(import.meta.dirname, '../../web/dist')

/** Everything comes from here; styles are set by the component library as it runs. */
const csp =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

/** Adds the console at `/`: the files that `npm run build:web` makes. Reads files: for Node only. */
export function addConsole(app: Hono): void {
  app.get(
    '/',
    compress(),
    serveStatic({
      path: 'index.html',
      root,
      onFound(_, c) {
        c.header('Content-Security-Policy', csp)
        c.header('Cache-Control', 'no-cache')
      },
    }),
    (c) =>
      c.text(
        'The console has not been built: npm run build:web makes it. The API is at /api/v1, its documentation at /docs.\n',
        404,
      ),
  )
  // Their names have a hash of what is in them.
  const forEver = 'public, max-age=31536000, immutable'
  app.get('/assets/*', compress(), serveStatic({ root, onFound: (_, c) => c.header('Cache-Control', forEver) }))
}
