import { OpenAPIHono } from '@hono/zod-openapi'
import { requestId } from 'hono/request-id'
import { agentRoutes } from './agent/routes.ts'
import type { ApiEnv, Deps } from './deps.ts'
import { diskRoutes } from './devices/disk-routes.ts'
import { mediaRoutes } from './devices/media-routes.ts'
import { nicRoutes } from './devices/nic-routes.ts'
import { openApiDocument } from './docs/document.ts'
import { eventRoutes } from './events/routes.ts'
import { guestOsProfileRoutes } from './guest-os-profiles/routes.ts'
import { healthRoutes } from './health/routes.ts'
import { hostDomainRoutes } from './host-domains/routes.ts'
import { bodyLimit } from './http/body-limit.ts'
import { answerError } from './http/errors.ts'
import { answerUnknown } from './http/unknown-route.ts'
import { refuseInvalid } from './http/validation.ts'
import { imageChangeRoutes } from './images/change-routes.ts'
import { imageRoutes } from './images/routes.ts'
import { nodeRoutes } from './nodes/routes.ts'
import { operationRoutes } from './operations/routes.ts'
import { snapshotChangeRoutes } from './snapshots/change-routes.ts'
import { snapshotRoutes } from './snapshots/routes.ts'
import { storagePoolRoutes } from './storage-pools/routes.ts'
import { displayPasswordRoutes } from './vms/display-password-routes.ts'
import { vmPowerRoutes } from './vms/power-routes.ts'
import { vmRoutes } from './vms/routes.ts'
import { snapshotScheduleRoutes } from './vms/snapshot-schedule-routes.ts'
import { vmUpdateRoutes } from './vms/update-routes.ts'
import { volumeRoutes } from './volumes/routes.ts'

/** The REST API. Opens nothing and reads no environment: it runs wherever `deps` can be had. */
export function createApp(deps: Deps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid })
  app.use(requestId({ limitLength: 128, generator: () => deps.newId() }))
  app.use(bodyLimit)
  for (const routes of [
    vmRoutes,
    vmPowerRoutes,
    vmUpdateRoutes,
    displayPasswordRoutes,
    diskRoutes,
    mediaRoutes,
    agentRoutes,
    nicRoutes,
    snapshotRoutes,
    snapshotChangeRoutes,
    snapshotScheduleRoutes,
    operationRoutes,
    eventRoutes,
    nodeRoutes,
    hostDomainRoutes,
    imageRoutes,
    imageChangeRoutes,
    storagePoolRoutes,
    volumeRoutes,
    guestOsProfileRoutes,
    healthRoutes,
  ]) {
    app.route('/', routes(deps))
  }
  app.get('/openapi.json', (c) => c.json(openApiDocument(app)))
  app.onError(answerError(deps.log))
  app.notFound(answerUnknown(app))
  return app
}
