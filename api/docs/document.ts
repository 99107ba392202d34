import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '#api/deps.ts'

const info = {
  title: 'Quantix',
  version: '1.0.0',
  description: `Virtual machines on libvirt and QEMU hosts.

Every change is an operation: the answer is 202 with the resource, its \`operation\` and \`Operation-Location\`.
\`Prefer: wait=N\` waits for the outcome instead. Errors are \`{code, message, requestId, reason?, details?}\`.`,
}

const tags = [
  { name: 'VMs', description: 'Virtual machines, their CPU mode and power.' },
  { name: 'Devices', description: 'Disks, media and network cards of a VM that exists, whether it runs or not.' },
  { name: 'Guest agent', description: 'What qemu-guest-agent does inside a running VM.' },
  { name: 'Snapshots', description: 'Points in time of a VM: memory, disk-only or offline.' },
  { name: 'Operations', description: 'The work that changes were accepted as.' },
  { name: 'Nodes', description: 'Hypervisor hosts, and what each can run.' },
  { name: 'Host domains', description: 'What others made on the nodes, and how it becomes a VM.' },
  { name: 'Images', description: 'Base images and ISOs, and the files that cannot be used.' },
  {
    name: 'Storage pools',
    description: "What lies beside the nodes' own pool: directories, NFS, iSCSI and Ceph, and their volumes.",
  },
  { name: 'Health', description: 'For load balancers and supervisors.' },
]

/** The OpenAPI 3.1 document of the routes of an app. */
export const openApiDocument = (app: OpenAPIHono<ApiEnv>) =>
  app.getOpenAPI31Document({
    openapi: '3.1.0',
    info,
    tags,
  })
