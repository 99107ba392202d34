import { AppError } from '#db/errors.ts'
import { trustDomainForm } from '#proto/tls/identity.ts'
import type { Commands } from '../command-line.ts'
import { addGeneration, createAuthority, readAuthority, removeOldGenerations } from './authority.ts'
import { forgetOldAuthority, type IssuedDirectory, isOfNewest, listIssued, renewIssued } from './issued.ts'
import { daysOption, nameOf, type Place, told } from './place.ts'

const authorityDays = 3650

/** The CA of an installation: made once, and then put in the place of the one before. */
export const authorityCommands = ({ dir, alone }: Place): Commands => ({
  'certificates init': {
    summary: 'make the CA that nodes and the control plane trust',
    help: 'Its key signs for every node: keep the directory on one machine that you trust, and a copy of it where nobody else reads it.',
    options: {
      dir,
      'trust-domain': {
        type: 'string',
        value: 'NAME',
        help: 'a name for all that it vouches for (quantix.internal)',
      },
      days: daysOption(String(authorityDays)),
    },
    run: alone(async (directory, given) => {
      const trustDomain = given.text('trust-domain') ?? 'quantix.internal'
      if (!trustDomainForm.test(trustDomain)) {
        throw new AppError(
          'invalid_argument',
          `--trust-domain ${trustDomain} must be like quantix.internal: a-z, 0-9, dots and hyphens`,
        )
      }
      await createAuthority(directory, trustDomain, given.count('days') ?? authorityDays)
      return `The CA of ${trustDomain} is in ${directory}. Next: certificates issue-control-plane, and certificates issue-node for each node`
    }),
  },
  'certificates rotate-ca': {
    summary: 'put a new CA in the place of the old one: first step',
    help: 'Makes the new CA and issues everything anew by it. Both CAs are trusted from then on, and the new one is signed by the old one as well: carry the directories to their machines in any order, while all goes on. Then certificates retire-old-ca.',
    options: { dir, days: daysOption(String(authorityDays)) },
    run: alone(async (directory, given) => {
      const authority = await addGeneration(directory, given.count('days') ?? authorityDays)
      const renewed: IssuedDirectory[] = []
      for (const one of await listIssued(directory)) renewed.push(await renewIssued(authority, one))
      return [
        `CA ${authority.newest.number} signs from now on, and the one before it is still trusted`,
        ...renewed.map(told),
        'Carry each to its machine, in any order; no restart is needed. When all are there: certificates retire-old-ca',
      ].join('\n')
    }),
  },
  'certificates retire-old-ca': {
    summary: 'put a new CA in the place of the old one: last step',
    help: 'Nothing that the old CA signed is trusted any more, wherever the new directories come. Its key is removed. A machine that has not had its directory of certificates rotate-ca is cut off until it gets it.',
    options: { dir, yes: { type: 'boolean', help: 'every machine has had its directory of rotate-ca' } },
    run: alone(async (directory, given) => {
      const authority = await readAuthority(directory)
      const issued = await listIssued(directory)
      if (!authority.isRotating)
        throw new AppError('failed_precondition', 'There is no old CA. certificates rotate-ca is the first step')
      const old = issued.filter((one) => !isOfNewest(authority, one))
      if (old.length > 0) {
        throw new AppError(
          'failed_precondition',
          `${old.map(nameOf).join(', ')}: still of the old CA. certificates renew first, and carry what it makes`,
        )
      }
      if (!given.isSet('yes')) {
        throw new AppError(
          'failed_precondition',
          'A machine that has not had its directory of certificates rotate-ca will be cut off. Say --yes when all have',
        )
      }
      for (const one of issued) await forgetOldAuthority(authority, one)
      await removeOldGenerations(directory)
      return [
        `CA ${authority.newest.number} alone is trusted`,
        ...issued.map(told),
        'Carry each to its machine; no restart is needed. What is not carried goes on trusting the old CA',
      ].join('\n')
    }),
  },
})
