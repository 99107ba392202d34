import { aSpec } from '#test/support/vm-spec.ts'
import type { TestApi } from './test-api.ts'

export const mac = '52:54:00:00:00:01'
export const volume = 'volume-019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11.qcow2'

/** Of a VM with a device of each kind. */
export const spec = aSpec({ disks: [{ sizeGib: 5 }], cdroms: [{}], nics: [{ network: 'default', mac }] })

/** A request of each kind that such a VM takes, and the kind of its operation. */
export const routes = {
  attachDisk: { method: 'POST', path: '/disks', body: { sizeGib: 1 }, kind: 'disk.attach' },
  detachDisk: { method: 'DELETE', path: '/disks/vda', body: undefined, kind: 'disk.detach' },
  resizeDisk: { method: 'PATCH', path: '/disks/vda', body: { sizeGib: 9 }, kind: 'disk.resize' },
  changeMedia: { method: 'PUT', path: '/cdroms/sda/media', body: { iso: 'a.iso' }, kind: 'media.change' },
  attachNic: { method: 'POST', path: '/nics', body: { network: 'default' }, kind: 'nic.attach' },
  detachNic: { method: 'DELETE', path: `/nics/${mac}`, body: undefined, kind: 'nic.detach' },
} as const
export type Action = keyof typeof routes

/** Sends a request of that kind about a VM, with another path or body where one is given; the API may come later. */
export const deviceRequestsOn =
  (api: () => TestApi) =>
  (action: Action, vmId: string, { path = '', body }: { path?: string; body?: unknown } = {}) => {
    const route = routes[action]
    return api().send(route.method, `/api/v1/vms/${vmId}${path || route.path}`, body ?? route.body)
  }
