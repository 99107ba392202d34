import { z } from 'zod'
import { metaDataJson, metaDataProblem, networkConfigProblem, userDataProblem } from '#db/cloud-init.ts'
import { vncPasswordLength } from '#db/vm-spec.ts'
import { only, orUndefined } from './read-fields.ts'

/** The problem that a check finds becomes the field's. */
const checked = (problemOf: (text: string) => string | null) =>
  z.string().superRefine((text, context) => {
    const message = problemOf(text)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })

/** What cloud-init in the guest reads. */
export const cloudInitMessage = z
  .object({
    userData: orUndefined('', checked(userDataProblem)),
    metaData: orUndefined('', checked(metaDataProblem).transform(metaDataJson)),
    networkConfig: orUndefined('', checked(networkConfigProblem)),
    vendorData: only('', 'must be empty: the node makes no vendor data. Put it into the user data'),
  })
  .transform(({ userData, metaData, networkConfig }) => ({ userData, metaData, networkConfig }))

/** Without one the display asks for none. */
export const vncPassword = orUndefined(
  '',
  z
    .string()
    .max(vncPasswordLength, `has more than ${vncPasswordLength} characters: VNC compares no more`)
    .regex(/^[ -~]*$/, 'must be of printable ASCII characters'),
)
