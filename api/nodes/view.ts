import type { z } from '@hono/zod-openapi'
import type { NodeDaemon } from '#api/node-daemons/node-daemon.ts'
import type { NodeRow } from '#db/schema/node.ts'
import { cpuModeTitles } from '#db/vm-spec.ts'
import type { nodeSchema } from './schemas.ts'

/** A node as the API shows it. */
export const nodeView = (row: NodeRow, daemon: NodeDaemon | undefined): z.infer<typeof nodeSchema> => ({
  id: row.id,
  name: row.name,
  status: {
    phase: row.silentSince ? 'SILENT' : 'READY',
    silentSince: row.silentSince?.toISOString() ?? null,
  },
  daemonAddress: row.daemonAddress,
  daemon: daemon ? { state: daemon.state, message: daemon.message || null } : null,
  hypervisor: row.hypervisor,
  libvirtVersion: row.libvirtVersion,
  qemuVersion: row.qemuVersion,
  cpuCount: row.cpuCount,
  memoryMib: row.memoryMib,
  cpuModes: row.cpuModes.map((support) => ({ ...support, title: cpuModeTitles[support.mode] })),
  tscFrequencyHz: row.tscFrequencyHz,
  tscScaling: row.tscScaling,
  storageFreeBytes: row.storageFreeBytes,
  lastSeenAt: row.lastSeenAt.toISOString(),
  createdAt: row.createdAt.toISOString(),
})
