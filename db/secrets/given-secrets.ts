import type { VmSpecRequest } from '#db/complete-spec.ts'
import type { Contradiction } from '#db/rules/spec-contradictions.ts'
import type { GivenSecrets } from '#db/secrets/sealed-secrets.ts'
import { type VmSpec, vncPasswordLength } from '#db/vm-spec.ts'

/** A spec as it is asked for, with its secrets. */
export interface SpecWithSecrets extends Omit<VmSpecRequest, 'cloudInit' | 'display'> {
  cloudInit?:
    | { userData?: string | undefined; metaData?: string | undefined; networkConfig?: string | undefined }
    | null
    | undefined
  display?: { type?: VmSpec['display']['type'] | undefined; password?: string | undefined } | undefined
}

/** What of a request is stored apart from the spec, and shown to nobody. */
export const secretsIn = ({ cloudInit, display }: Pick<SpecWithSecrets, 'cloudInit' | 'display'>): GivenSecrets => ({
  ...(cloudInit?.userData !== undefined && { 'cloudInit.userData': cloudInit.userData }),
  ...(cloudInit?.metaData !== undefined && { 'cloudInit.metaData': cloudInit.metaData }),
  ...(cloudInit?.networkConfig !== undefined && { 'cloudInit.networkConfig': cloudInit.networkConfig }),
  ...(display?.password !== undefined && { 'display.password': display.password }),
})

/** The same request with what the stored spec says of its secrets: that they are there. */
export const withoutSecrets = ({ cloudInit, display, ...rest }: SpecWithSecrets): VmSpecRequest => ({
  ...rest,
  cloudInit: cloudInit && {
    userDataSet: cloudInit.userData !== undefined,
    metaDataSet: cloudInit.metaData !== undefined,
    networkConfigSet: cloudInit.networkConfig !== undefined,
  },
  display: display && { type: display.type, passwordSet: display.password !== undefined },
})

/** What the spec, which does not hold them, cannot say is wrong with secrets. */
export const secretProblems = ({ display }: Pick<SpecWithSecrets, 'display'>, spec: VmSpec): Contradiction[] =>
  spec.display.type === 'vnc' && (display?.password?.length ?? 0) > vncPasswordLength
    ? [
        {
          path: ['display', 'password'],
          message: `has more than ${vncPasswordLength} characters: VNC compares no more, so the others would protect nothing. Shorten it, or take display.type spice`,
        },
      ]
    : []
