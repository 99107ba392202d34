import { z } from '@hono/zod-openapi'
import { metaDataJson, metaDataProblem, networkConfigProblem, userDataProblem } from '#db/cloud-init.ts'
import { diskBuses } from '#db/vm-spec.ts'

/** The problem that a check finds becomes the field's. */
const checked = (problemOf: (text: string) => string | null) =>
  z.string().superRefine((text, context) => {
    const message = problemOf(text)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })

const neverShown = 'It is stored encrypted, for the guest alone, and never shown.'

/** cloud-init's data as asked for. */
export const cloudInitInput = z
  .strictObject({
    userData: checked(userDataProblem).openapi({
      writeOnly: true,
      description: `Up to 64 KiB that begin with \`#cloud-config\`, \`#!\` or another header that cloud-init knows. ${neverShown}`,
      example: '#cloud-config\nssh_authorized_keys:\n  - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBs2 me@example.com\n',
    }),
    metaData: checked(metaDataProblem)
      .transform(metaDataJson)
      .openapi({
        type: 'string',
        writeOnly: true,
        description: `Up to 16 KiB of YAML. \`instance-id\` is the VM's id and \`local-hostname\` its name where it does not say them. ${neverShown}`,
        example: 'local-hostname: web-1.example.com\n',
      }),
    networkConfig: checked(networkConfigProblem).openapi({
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
