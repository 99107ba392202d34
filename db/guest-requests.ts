import { z } from 'zod'

/** Of one answer of a guest, in bytes: a file's part, a program's outputs. Two of them fit into one message of libvirt's. */
export const guestDataMax = 1_048_576
/** Of what a program reads, in bytes: libvirt's way to an agent takes no more at a time. */
export const guestStdinMax = 65_536
/** Of a program's arguments and environment together, in bytes. */
const commandLineMax = 32_768
/** Of a program's time, in seconds. */
export const programTimeoutMax = 3600
export const programTimeoutDefault = 30
export const programOutputDefault = 65_536

/** A file or directory of a guest, of any system: absolute, without a step upwards. */
export const guestPath = z
  .string()
  .max(4096)
  .regex(/^(\/|[A-Za-z]:[\\/])/, 'must be an absolute path')
  .regex(/^\P{Cc}*$/u, 'must have no control characters')
  .refine((path) => !path.split(/[\\/]/).includes('..'), 'must have no ".." in it')

const noNul = /^[^\0]*$/
const noNulText = 'must have no NUL in it'

/** A program of a guest, by its path or a name that the guest finds. */
export const guestCommand = z
  .string()
  .min(1, 'must not be empty')
  .max(4096)
  .regex(/^[^-\p{Cc}]\P{Cc}*$/u, 'must have no control characters, and not begin with "-"')

export const guestArgs = z.array(z.string().regex(noNul, noNulText)).max(1000)

export const guestEnvironment = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, 'must be letters, digits and _'),
  z.string().regex(noNul, noNulText),
)

/** Whether arguments and environment are short enough together. */
export function fitsCommandLine({
  args,
  environment,
}: {
  args: string[]
  environment: Record<string, string>
}): boolean {
  const words = [...args, ...Object.entries(environment).flat()]
  return words.reduce((bytes, word) => bytes + new TextEncoder().encode(word).length, 0) <= commandLineMax
}
export const commandLineText = `must have at most ${commandLineMax} bytes together with the environment`

/** Permission bits, without those that change whom a program runs as. */
export const fileMode = z.int().min(0).max(0o777)

/** Of a freeze, in seconds: nobody should have to wait longer for a guest that writes nothing. */
export const quiesceTimeoutMax = 600
export const quiesceTimeoutDefault = 60

/** Where file systems are mounted, as the guest names it; none means all. */
export const guestMountPoints = z
  .array(z.string().min(1, 'must not be empty').max(1024).regex(noNul, noNulText))
  .max(64)

/** What thaws a guest. */
export const quiesceToken = z.uuid('must be the token that the freeze was answered with')

export const thawsAllText = "must be empty: a guest's agent thaws all that it has frozen, or nothing"
