import { z } from 'zod'

/** A host by name or address; nothing that a URL or a mount command would read as more. */
const host = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$|^\[[0-9A-Fa-f:.]+\]$/, 'must be a host name or an address')
/** An absolute path without steps back; libvirt and mount get it as one argument. */
const absolutePath = z
  .string()
  .max(1024)
  .regex(/^\/[^\p{C}]*$/u, 'must begin with /')
  .refine((path) => !path.split('/').includes('..'), 'must not contain ..')
const port = z.int().min(1).max(65535)

/** What a storage pool is made of. Passwords and keys are no part of it. */
export const storagePoolSource = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('local-dir'), path: absolutePath }),
  z.strictObject({
    type: z.literal('nfs'),
    server: host,
    exportPath: absolutePath,
    version: z.enum(['3', '4', '4.1', '4.2']).optional(),
  }),
  z.strictObject({
    type: z.literal('iscsi'),
    host,
    port: port.default(3260),
    target: z
      .string()
      .max(223)
      .regex(
        /^(iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+(:[A-Za-z0-9.:_-]+)?|eui\.[0-9A-Fa-f]{16}|naa\.[0-9A-Fa-f]{16,32})$/,
        'must be an iSCSI name, like iqn.2003-01.org.example:disk',
      ),
    chapUser: z.string().min(1).max(255).optional(),
  }),
  z.strictObject({
    type: z.literal('ceph-rbd'),
    monitors: z
      .array(z.strictObject({ host, port: port.default(6789) }))
      .min(1)
      .max(32),
    pool: z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/),
    namespace: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,128}$/)
      .optional(),
    user: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,128}$/)
      .optional(),
  }),
])

export type StoragePoolSource = z.infer<typeof storagePoolSource>
export type StoragePoolType = StoragePoolSource['type']
