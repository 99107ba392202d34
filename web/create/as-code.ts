import type { VmCreateInputWritable } from '#openapi/sdk/typescript/index.ts'

/** A shell reads what stands between single quotes as it is, but for the quotes themselves. */
const quoted = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`

/** The request as a command line. */
export const asCurl = (origin: string, request: VmCreateInputWritable): string =>
  `curl -X POST ${quoted(`${origin}/api/v1/vms`)} \\\n  -H 'content-type: application/json' \\\n  -d ${quoted(JSON.stringify(request, null, 2))}`

/** The request by the generated client. */
export const asTypeScript = (origin: string, request: VmCreateInputWritable): string =>
  `import { client } from './openapi/sdk/typescript/client.gen.ts'
import { createVm } from './openapi/sdk/typescript/index.ts'

client.setConfig({ baseUrl: ${JSON.stringify(origin)} })
const { data, error } = await createVm({ body: ${JSON.stringify(request, null, 2)} })
`
