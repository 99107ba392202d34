import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '#api/deps.ts'

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quantix API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', validatorUrl: null, tryItOutEnabled: true })</script>
</body>
</html>
`

const contentTypes = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
} as const

const csp =
  "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"

/** Adds `/docs`, a page that loads nothing from elsewhere. Reads files: for Node only. */
export function addDocsPage(app: OpenAPIHono<ApiEnv>): void {
  const assets = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

  app.get('/docs', (c) => c.html(page, 200, { 'Content-Security-Policy': csp }))
  for (const [name, contentType] of Object.entries(contentTypes)) {
    app.get(`/docs/${name}`, async (c) => {
      const body = await readFile(path.join(assets, name))
      return c.body(body, 200, { 'Content-Type': contentType, 'Cache-Control': 'max-age=86400' })
    })
  }
}
