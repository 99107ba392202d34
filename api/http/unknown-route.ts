import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, NotFoundHandler } from 'hono'
import type { ApiEnv } from '#api/deps.ts'
import { AppError } from '#db/errors.ts'
import { sendError } from './errors.ts'

/** Answers what no route takes: 405 with the methods there are, where the path is one of ours, else 404. */
export function answerUnknown(app: OpenAPIHono<ApiEnv>): NotFoundHandler<ApiEnv> {
  const paths = new Map<string, string[]>()
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue
    const { path, method } = definition.route
    paths.set(path, [...(paths.get(path) ?? []), method.toUpperCase()])
  }
  const known = [...paths].map(([path, methods]) => ({
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    methods: methods.join(', '),
  }))

  return (c: Context<ApiEnv>) => {
    const { method, path } = c.req
    const methods = known.find(({ pattern }) => pattern.test(path))?.methods
    if (methods === undefined) {
      return sendError(c, new AppError('not_found', `Nothing is at ${path}.`, { reason: 'ROUTE_NOT_FOUND' }))
    }
    c.header('Allow', methods)
    return sendError(
      c,
      new AppError('unimplemented', `${method} is not possible at ${path}; ${methods} is.`, {
        reason: 'METHOD_NOT_ALLOWED',
      }),
    )
  }
}
