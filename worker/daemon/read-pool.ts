import { createReadStream } from 'node:fs'
import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { z } from 'zod'
import { AppError } from '#db/errors.ts'
import { plainNamePattern } from '#db/plain-name.ts'
import { storagePoolSource } from '#db/storage-pool-source.ts'
import type { InitStoragePoolRequest__Output } from '#proto/gen/limiquantix/node/v1/InitStoragePoolRequest.ts'
import type { StoragePool } from '#worker/hypervisor/storage-calls.ts'
import { type FieldProblem, invalidRequest, readFields } from './invalid-request.ts'
import { only, orUndefined } from './read-fields.ts'

const text = z.string()
const optionalText = orUndefined('', text)
const address = z
  .string()
  .regex(/^(\[[^\]]+\]|[^:]+)(:\d{1,5})?$/, 'must be a host or a host and its port, like 192.0.2.7:3260')
  .transform((value) => {
    const [, host = '', port] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(value) ?? []
    return { host, ...(port !== undefined && { port: Number(port) }) }
  })

const local = z
  .object({
    path: text,
    capacityGib: only(0, 'must be 0: a directory has no bounds of its own. Give the pool a file system of its own'),
  })
  .transform(({ path }) => ({ source: { type: 'local-dir', path }, secret: null, keyring: null }))

const nfs = z
  .object({
    server: text,
    exportPath: text,
    version: optionalText,
    options: only('', 'must be empty: the node mounts with its own'),
    mountPoint: only('', 'must be empty: the node chooses it'),
  })
  .transform(({ server, exportPath, version }) => ({
    source: { type: 'nfs', server, exportPath, version },
    secret: null,
    keyring: null,
  }))

const iscsi = z
  .object({
    portal: address,
    target: text,
    chapEnabled: z.boolean(),
    chapUser: optionalText,
    chapPassword: optionalText,
    lun: only(0, 'must be 0: each unit of the target is a volume'),
    volumeGroup: only('', 'must be empty: the units are volumes as they are'),
  })
  .refine(
    ({ chapEnabled, chapUser, chapPassword }) =>
      chapEnabled === (chapUser !== undefined) && chapEnabled === (chapPassword !== undefined),
    { path: ['chapEnabled'], message: 'goes with chap_user and chap_password' },
  )
  .transform(({ portal, target, chapUser, chapPassword }) => ({
    source: { type: 'iscsi', ...portal, target, chapUser },
    secret: chapPassword ?? null,
    keyring: null,
  }))

const ceph = z
  .object({
    poolName: text,
    monitors: z.array(address).min(1),
    user: optionalText,
    keyringPath: optionalText,
    namespace: optionalText,
    secretUuid: only('', 'must be empty: the node keeps the key itself'),
  })
  .refine(({ user, keyringPath }) => (user === undefined) === (keyringPath === undefined), {
    path: ['keyringPath'],
    message: 'goes with user',
  })
  .transform(({ poolName, monitors, user, namespace, keyringPath }) => ({
    source: { type: 'ceph-rbd', monitors, pool: poolName, user, namespace },
    secret: null,
    keyring: user === undefined || keyringPath === undefined ? null : { user, path: keyringPath },
  }))

const parts = {
  STORAGE_POOL_TYPE_LOCAL_DIR: { field: 'local', schema: local },
  STORAGE_POOL_TYPE_NFS: { field: 'nfs', schema: nfs },
  STORAGE_POOL_TYPE_ISCSI: { field: 'iscsi', schema: iscsi },
  STORAGE_POOL_TYPE_CEPH_RBD: { field: 'ceph', schema: ceph },
} as const

const notMade: Record<string, string> = {
  STORAGE_POOL_TYPE_LOCAL_LVM:
    'The node makes no pools of volume groups. Put a file system on a logical volume, and make a LOCAL_DIR pool of a directory there.',
  STORAGE_POOL_TYPE_CEPH_FS:
    'The node makes no pools of CephFS. Mount it on the node, and make a LOCAL_DIR pool of a directory there.',
}

/** The pool that is asked for. Throws `invalid_argument` naming each wrong field, and `unimplemented` for a type that nobody makes. */
export async function readPool({ poolId, type, config }: InitStoragePoolRequest__Output): Promise<StoragePool> {
  const refusal = notMade[type]
  if (refusal !== undefined) throw new AppError('unimplemented', refusal, { reason: 'POOL_TYPE_NOT_SUPPORTED' })
  if (!(type in parts)) throw invalidPool([{ path: ['type'], message: 'must be said' }])
  const { field, schema } = parts[type as keyof typeof parts]
  const others = Object.entries(config ?? {}).filter(([name, value]) => name !== field && value)
  if (!config?.[field] || others.length > 0) {
    throw invalidPool([{ path: ['config', field], message: 'must be there, and no other part' }])
  }
  const under = (problems: readonly FieldProblem[]) =>
    invalidPool(problems.map(({ path, message }) => ({ path: ['config', field, ...path], message })))
  const id = readFields(poolIdField, { poolId }, invalidPool).poolId
  const wanted = readFields(schema, config[field], under)
  const source = readFields(storagePoolSource, wanted.source, under)
  return { poolId: id, source, secret: wanted.keyring ? await readKey(wanted.keyring) : wanted.secret }
}

const poolIdField = z.object({ poolId: z.string().regex(plainNamePattern, 'must be a plain name') })

const invalidPool = (problems: readonly FieldProblem[]) =>
  invalidRequest('The storage pool cannot be made', 'INVALID_POOL', problems)

const keyringDirectory = '/etc/ceph/'
const keyringMaxBytes = 65_536

/** The key of a user in a key ring (https://docs.ceph.com/en/latest/rados/operations/user-management/#keyring-management). */
async function readKey({ user, path: named }: { user: string; path: string }): Promise<string> {
  const file = await realpath(named).catch(() => path.resolve(named))
  if (!file.startsWith(keyringDirectory)) throw noKey(`it must be a file in ${keyringDirectory} of the node`)
  const ring = await readText(createReadStream(file, { end: keyringMaxBytes - 1 })).catch(() => '')
  const section = ring.split(/^\s*\[/m).find((each) => each.startsWith(`client.${user}]`))
  const key = /^\s*key\s*=\s*([A-Za-z0-9+/=]+)\s*$/m.exec(section ?? '')?.[1]
  if (key === undefined) throw noKey(`it has no key of client.${user}, or the worker may not read it`)
  return key
}

const noKey = (message: string): AppError => invalidPool([{ path: ['config', 'ceph', 'keyringPath'], message }])
