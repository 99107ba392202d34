import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { describeIdentity } from '#proto/tls/identity.ts'
import { tryLock } from '../../process-lock.ts'
import type { Arguments, Option } from '../command-line.ts'
import { removeLeftovers } from './authority.ts'
import type { IssuedDirectory } from './issued.ts'

/** Where the commands work, which each of them may be told otherwise. */
export interface Place {
  dir: Option
  /** Of the command that was given so. */
  directoryOf(given: Arguments): string
  /** Runs one command at a time: two would number their CAs alike. Clears away what one before it left. */
  alone(run: (directory: string, given: Arguments) => Promise<string>): (given: Arguments) => Promise<string>
}

export function openPlace(stateDirectory: string): Place {
  const usual = path.join(stateDirectory, 'certificates')
  const directoryOf = (given: Arguments) => path.resolve(given.text('dir') ?? usual)
  return {
    dir: { type: 'string', value: 'DIR', help: `where the CA is (${usual})` },
    directoryOf,
    alone: (run) => async (given) => {
      const directory = directoryOf(given)
      const lock = await tryLock(`certificates ${directory}`)
      if (!lock) throw new AppError('failed_precondition', `Another command is at work in ${directory}. Try again`)
      try {
        await removeLeftovers(directory)
        return await run(directory, given)
      } finally {
        await lock.release()
      }
    },
  }
}

/** An option for how long something is valid. */
export const daysOption = (usual: string): Option => ({
  type: 'string',
  value: 'DAYS',
  help: `how long it is valid (${usual})`,
})

/** How a certificate is called on the command line. */
export const nameOf = ({ identity }: IssuedDirectory): string => identity.nodeId ?? 'control-plane'

/** A line of what was issued. */
export const told = ({ identity, directory, notAfter }: IssuedDirectory): string =>
  `${describeIdentity(identity)}: ${directory}, valid until ${notAfter.toISOString()}`
