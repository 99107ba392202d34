import path from 'node:path'
import { z } from 'zod'
import { AppError } from './errors.ts'
import type { CpuFeature } from './vm-spec.ts'

const port = z.coerce.number().int().min(1).max(65535)

/** `-arch-capabilities,+vmx`: a sign, then libvirt's name of the feature. */
const cpuFeatures = z.string().transform((text, context): CpuFeature[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => {
      const match = /^([+-])([a-z0-9][a-z0-9._-]*)$/.exec(item)
      if (!match?.[2]) context.addIssue({ code: 'custom', message: `"${item}" is not like +vmx or -arch-capabilities` })
      return { name: match?.[2] ?? '', policy: match?.[1] === '-' ? 'disable' : 'require' }
    }),
)

/** `10.0.0.0/8,192.168.7.5`: networks and addresses, IPv4 or IPv6. */
const networks = z.string().transform((text, context): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => {
      const isNetwork = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]).safeParse(item).success
      if (!isNetwork) context.addIssue({ code: 'custom', message: `"${item}" is not like 10.0.0.0/8 or 10.0.0.7` })
      return item
    }),
)
/** `/srv/pools,/mnt/fast`: absolute paths. */
const directories = z.string().transform((text, context): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => {
      if (!path.isAbsolute(item)) context.addIssue({ code: 'custom', message: `"${item}" does not begin with /` })
      return path.resolve(item)
    }),
)

/** Keys of AES-256. The message repeats nothing of what was given. */
const secretKeys = z.string().transform((text, context) => {
  const keys = text.split(',').map((item) => new Uint8Array(Buffer.from(item.trim(), 'base64')))
  if (keys.every(({ length }) => length === 32)) return keys
  context.addIssue({
    code: 'custom',
    message:
      'must be 32 random bytes in base64 (openssl rand -base64 32), or several such keys with commas between them, the newest first',
  })
  return z.NEVER
})

/** Fewer than overlays that libvirt can start a VM from, whatever the tree looks like. */
const mostSnapshots = 60

/** Every setting there is: its environment variable, its form and its default. */
const schema = z
  .object({
    QUANTIX_PORT: port.default(8080),
    QUANTIX_STATE: z.string().min(1).default('.quantix'),
    DATABASE_URL: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
      .optional(),
    REDIS_URL: z
      .string()
      .regex(/^rediss?:\/\//, 'must begin with redis://')
      .optional(),
    QUANTIX_QUEUE: z.enum(['redis', 'postgres']).optional(),
    QUANTIX_LIBVIRT_URI: z.string().min(1).optional(),
    QUANTIX_IMAGES: z.string().min(1).optional(),
    QUANTIX_POOL_DIRECTORIES: directories.optional(),
    QUANTIX_IMAGE_URL_ALLOW: networks.default([]),
    QUANTIX_IMAGE_MAX_GIB: z.coerce.number().int().min(1).max(65_536).default(512),
    QUANTIX_GRPC_PORT: port.default(9090),
    QUANTIX_GRPC_ADVERTISE: z
      .string()
      .regex(/^(\[[\da-fA-F:]+\]|[^:[\]/\s]+):\d{1,5}$/, 'must be an address and a port, like node-1.example:9090')
      .optional(),
    QUANTIX_NODE_TLS_DIR: z.string().min(1).optional(),
    QUANTIX_CONTROL_PLANE_TLS_DIR: z.string().min(1).optional(),
    QUANTIX_QEMU_LOGS: z.string().min(1).optional(),
    QUANTIX_VIRT_TYPE: z.enum(['auto', 'kvm', 'qemu']).default('auto'),
    QUANTIX_CPU_FEATURES: cpuFeatures.default([]),
    QUANTIX_EVENT_RETENTION_DAYS: z.coerce.number().int().min(1).max(36_500).default(90),
    QUANTIX_SECRET_KEY: secretKeys.default([]),
    QUANTIX_MAX_SNAPSHOTS: z.coerce.number().int().min(1).max(mostSnapshots).default(32),
  })
  .transform((env) => ({
    port: env.QUANTIX_PORT,
    /** Absolute. */
    stateDirectory: path.resolve(env.QUANTIX_STATE),
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    /** What the user asked for; undefined takes Redis where there is one. */
    queue: env.QUANTIX_QUEUE,
    /** `simulated:///` takes the simulated hypervisor; undefined looks for libvirt. */
    libvirtUri: env.QUANTIX_LIBVIRT_URI,
    /** Absolute; base images and ISOs. */
    imagesDirectory: path.resolve(env.QUANTIX_IMAGES ?? path.join(env.QUANTIX_STATE, 'images')),
    /** Absolute; storage pools that are directories are below one of them. */
    poolDirectories: env.QUANTIX_POOL_DIRECTORIES ?? [path.resolve(env.QUANTIX_STATE, 'pools')],
    /** Addresses and networks that images may be fetched from although they are not public. */
    imageUrlAllow: env.QUANTIX_IMAGE_URL_ALLOW,
    /** Largest image that is imported. */
    imageMaxGib: env.QUANTIX_IMAGE_MAX_GIB,
    grpcPort: env.QUANTIX_GRPC_PORT,
    /** Where the control plane reaches the worker's gRPC; undefined takes what it listens on. */
    grpcAdvertise: env.QUANTIX_GRPC_ADVERTISE,
    /** Absolute: the worker's certificates; undefined serves gRPC without TLS, on loopback alone. */
    nodeTlsDirectory: env.QUANTIX_NODE_TLS_DIR && path.resolve(env.QUANTIX_NODE_TLS_DIR),
    /** Absolute: what the api shows to nodes; undefined calls them without TLS, on loopback alone. */
    controlPlaneTlsDirectory: env.QUANTIX_CONTROL_PLANE_TLS_DIR && path.resolve(env.QUANTIX_CONTROL_PLANE_TLS_DIR),
    /** Absolute; undefined is where libvirt keeps the logs of QEMUs by itself. */
    qemuLogDirectory: env.QUANTIX_QEMU_LOGS && path.resolve(env.QUANTIX_QEMU_LOGS),
    virtType: env.QUANTIX_VIRT_TYPE,
    cpuFeatures: env.QUANTIX_CPU_FEATURES,
    /** How long the history of VMs is kept. */
    eventRetentionDays: env.QUANTIX_EVENT_RETENTION_DAYS,
    /** The first seals secrets, the others open what they once sealed; empty keeps no secrets. */
    secretKeys: env.QUANTIX_SECRET_KEY,
    /** Of one VM. */
    maxSnapshots: env.QUANTIX_MAX_SNAPSHOTS,
  }))

export type Settings = z.infer<typeof schema>

/** Reads all settings from an environment; an empty variable counts as unset. Throws `invalid_argument` naming each wrong one. */
export function loadSettings(env: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new AppError('invalid_argument', `These settings cannot be used:\n${problems.join('\n')}`)
}
