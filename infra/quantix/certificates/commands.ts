import { isIP } from 'node:net'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { describeIdentity, nodeIdForm, trustDomainForm } from '#proto/tls/identity.ts'
import { tryLock } from '../../process-lock.ts'
import type { Arguments, Commands } from '../command-line.ts'
import { addGeneration, createAuthority, readAuthority, removeOldGenerations } from './authority.ts'
import {
  forgetOldAuthority,
  type IssuedDirectory,
  isDue,
  isOfNewest,
  issueNew,
  listIssued,
  readIssued,
  renewIssued,
} from './issued.ts'
import { showCertificates } from './show.ts'

const authorityDays = 3650
const leafDays = 90

/** The CA of an installation and what it issues. */
export function certificateCommands(stateDirectory: string): Commands {
  const usualDirectory = path.join(stateDirectory, 'certificates')
  const directoryOf = (given: Arguments) => path.resolve(given.text('dir') ?? usualDirectory)
  const dir = { type: 'string', value: 'DIR', help: `where the CA is (${usualDirectory})` } as const
  const days = { type: 'string', value: 'DAYS', help: `how long it is valid (${leafDays})` } as const

  /** One command at a time: two would number their CAs alike. */
  const alone =
    (run: (directory: string, given: Arguments) => Promise<string>) =>
    async (given: Arguments): Promise<string> => {
      const directory = directoryOf(given)
      const lock = await tryLock(`certificates ${directory}`)
      if (!lock) throw new AppError('failed_precondition', `Another command is at work in ${directory}. Try again`)
      try {
        return await run(directory, given)
      } finally {
        await lock.release()
      }
    }

  return {
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
        days: { ...days, help: `how long the CA is valid (${authorityDays})` },
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
    'certificates issue-control-plane': {
      summary: 'issue the certificate that the api shows to nodes',
      options: { dir, days },
      run: alone(async (directory, given) => {
        const authority = await readAuthority(directory)
        const issued = await issueNew(directory, authority, {
          nodeId: null,
          addresses: [],
          days: given.count('days') ?? leafDays,
        })
        return `${told(issued)}\nCarry it to the machine of the api as it is, and set QUANTIX_CONTROL_PLANE_TLS_DIR to it`
      }),
    },
    'certificates issue-node': {
      summary: 'issue the certificate of one node',
      positionals: 'NODE_ID',
      help: 'The id is what npm run quantix -- node-id prints on the node, and the id in GET /api/v1/nodes. The control plane knows a node by it, wherever it is; addresses are for other clients, which compare them with what they dialled.',
      options: {
        dir,
        days,
        address: {
          type: 'string',
          multiple: true,
          value: 'HOST',
          help: 'an IP address or DNS name of the node; may be given again',
        },
      },
      run: alone(async (directory, given) => {
        const nodeId = given.positionals[0] ?? ''
        if (!nodeIdForm.test(nodeId)) {
          throw new AppError(
            'invalid_argument',
            `"${nodeId}" is no node's id: it is what npm run quantix -- node-id prints on the node`,
          )
        }
        const addresses = given.texts('address').map(readAddress)
        const authority = await readAuthority(directory)
        const issued = await issueNew(directory, authority, {
          nodeId,
          addresses,
          days: given.count('days') ?? leafDays,
        })
        return `${told(issued)}\nCarry it to the node as it is, and set QUANTIX_NODE_TLS_DIR to it`
      }),
    },
    'certificates show': {
      summary: 'show what was issued, and until when it is valid',
      positionals: '[DIRECTORY…]',
      help: 'Without a directory, all that the CA issued; with one, what was carried there.',
      options: { dir },
      run: async (given) => {
        if (given.positionals.length > 0) {
          return showCertificates(
            null,
            await Promise.all(given.positionals.map((place) => readCarried(path.resolve(place)))),
          )
        }
        const directory = directoryOf(given)
        return showCertificates(await readAuthority(directory), await listIssued(directory))
      },
    },
    'certificates renew': {
      summary: 'renew what has a third of its time left or less',
      positionals: '[NAME…]',
      help: 'A name is a node id or control-plane; those are renewed whatever time they have. Running programs take new certificates up within seconds of their being carried there.',
      options: {
        dir,
        days: { ...days, help: 'how long it is valid (as long as before)' },
        all: { type: 'boolean', help: 'renew everything' },
      },
      run: alone(async (directory, given) => {
        const authority = await readAuthority(directory)
        const issued = await listIssued(directory)
        const unknown = given.positionals.find((name) => !issued.some((one) => nameOf(one) === name))
        if (unknown !== undefined) {
          throw new AppError('not_found', `No certificate was issued for ${unknown}. certificates show lists all`)
        }
        const isWanted = (one: IssuedDirectory) =>
          given.positionals.length > 0
            ? given.positionals.includes(nameOf(one))
            : given.isSet('all') || isDue(authority, one)
        const renewed: IssuedDirectory[] = []
        for (const one of issued.filter(isWanted)) renewed.push(await renewIssued(authority, one, given.count('days')))
        if (renewed.length === 0) return 'Nothing is due; certificates show says when. --all renews everything'
        return `${renewed.map(told).join('\n')}\nCarry each to its machine; no restart is needed`
      }),
    },
    'certificates rotate-ca': {
      summary: 'put a new CA in the place of the old one: first step',
      help: 'Makes the new CA and issues everything anew by it. Both CAs are trusted from then on, and the new one is signed by the old one as well: carry the directories to their machines in any order, while all goes on. Then certificates retire-old-ca.',
      options: { dir, days: { ...days, help: `how long the CA is valid (${authorityDays})` } },
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
  }
}

const nameOf = ({ identity }: IssuedDirectory): string => identity.nodeId ?? 'control-plane'

const told = ({ identity, directory, notAfter }: IssuedDirectory): string =>
  `${describeIdentity(identity)}: ${directory}, valid until ${notAfter.toISOString()}`

/** A DNS name as RFC 1123 has it, or an IP address. */
function readAddress(text: string): string {
  const isName = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(
    text,
  )
  if (isIP(text) || isName) return text
  throw new AppError('invalid_argument', `--address ${text} must be an IP address or a DNS name, without a port`)
}

const readCarried = (directory: string): Promise<IssuedDirectory> =>
  readIssued(directory).catch((error) => {
    if (error instanceof AppError) throw error
    throw new AppError('failed_precondition', `There is no certificate in ${directory}: ${error.message}`)
  })
