import { z } from '@hono/zod-openapi'
import { diskBuses } from '#db/vm-spec.ts'
import { asMapping, readYaml } from './read-yaml.ts'

const kib = 1024

/**
 * How cloud-init knows what user-data is (https://docs.cloud-init.io/en/latest/explanation/format.html), then how
 * cloudbase-init does on Windows; either passes over what begins with anything else.
 */
const userDataHeaders = [
  '#cloud-config',
  '#!',
  '#include',
  '#cloud-boothook',
  '#part-handler',
  '## template: jinja',
  '#ps1',
  'rem cmd',
  '<powershell>',
  '<script>',
]

/** Where cloud-init looks for it (cloudinit/user_data.py, convert_string). */
const isMime = (text: string): boolean =>
  text
    .slice(0, 4 * kib)
    .toLowerCase()
    .includes('mime-version:')

const beginsWith = (text: string, header: string): boolean => text.trimStart().toLowerCase().startsWith(header)

/** A text that is stored encrypted; sizes in UTF-8. */
const secretText = (mostBytes: number) =>
  z
    .string()
    .refine((text) => new TextEncoder().encode(text).length <= mostBytes, {
      message: `must have at most ${mostBytes / kib} KiB`,
      abort: true,
    })
    .refine((text) => text.isWellFormed() && !text.includes('\0'), {
      message: 'must be text without NUL',
      abort: true,
    })

/** The problem that a check found becomes the field's. */
const checked = (check: (text: string) => string | null) => (text: string, context: z.RefinementCtx<string>) => {
  const message = check(text)
  if (message !== null) context.addIssue({ code: 'custom', message })
}

function userDataProblem(text: string): string | null {
  if (!isMime(text) && !userDataHeaders.some((header) => beginsWith(text, header))) {
    return 'must begin with #cloud-config, #! or another header of cloud-init, or be a MIME message: cloud-init silently ignores everything else'
  }
  if (!/^\s*#cloud-config\s/i.test(`${text}\n`)) return null
  const read = readYaml(text)
  if ('problem' in read) return read.problem
  return read.value === null || asMapping(read.value) ? null : 'must hold a mapping (key: value) after #cloud-config'
}

/** cloud-init's own check (DataSourceNoCloud, _maybe_remove_top_network); without a version it takes none of it. */
function networkConfigProblem(text: string): string | null {
  const read = readYaml(text)
  if ('problem' in read) return read.problem
  const root = asMapping(read.value)
  const network = asMapping(root?.network) ?? root
  if (network?.version === 1 || network?.version === 2 || network?.config === 'disabled') return null
  return 'must be a mapping with version: 1 or version: 2: cloud-init silently ignores everything else'
}

const metaData = secretText(16 * kib).transform((text, context) => {
  const read = readYaml(text)
  const mapping = 'problem' in read ? null : asMapping(read.value)
  if (mapping) return JSON.stringify(mapping)
  context.addIssue({ code: 'custom', message: 'problem' in read ? read.problem : 'must be a mapping (key: value)' })
  return z.NEVER
})

const neverShown = 'It is stored encrypted, for the guest alone, and never shown.'

/** cloud-init's data as asked for. */
export const cloudInitInput = z
  .strictObject({
    userData: secretText(64 * kib)
      .superRefine(checked(userDataProblem))
      .openapi({
        writeOnly: true,
        description: `Up to 64 KiB that begin with \`#cloud-config\`, \`#!\` or another header that cloud-init knows. ${neverShown}`,
        example: '#cloud-config\nssh_authorized_keys:\n  - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBs2 me@example.com\n',
      }),
    metaData: metaData.openapi({
      type: 'string',
      writeOnly: true,
      description: `Up to 16 KiB of YAML. \`instance-id\` is the VM's id and \`local-hostname\` its name where it does not say them. ${neverShown}`,
      example: 'local-hostname: web-1.example.com\n',
    }),
    networkConfig: secretText(16 * kib)
      .superRefine(checked(networkConfigProblem))
      .openapi({
        writeOnly: true,
        description: `Up to 16 KiB of YAML, version 1 or 2 of cloud-init's network config. Default: cloud-init's own, DHCP on the first card. ${neverShown}`,
        example: 'version: 2\nethernets:\n  all:\n    match: {name: "e*"}\n    dhcp4: true\n',
      }),
  })
  .partial()
  .nullable()
  .openapi({
    description:
      'A small read-only drive that the node makes, with what cloud-init in the guest reads (a NoCloud seed); null leaves it out. Default: null.',
  })

/** cloud-init's data as shown: that it is there. */
export const cloudInitSchema = z
  .strictObject({
    target: z.string().openapi({ description: 'The name of its drive.', example: 'vdb' }),
    bus: z.enum(diskBuses).openapi({ description: "Its drive's: that of the first disk." }),
    userDataSet: z.boolean(),
    metaDataSet: z.boolean(),
    networkConfigSet: z.boolean(),
  })
  .openapi('CloudInit')
