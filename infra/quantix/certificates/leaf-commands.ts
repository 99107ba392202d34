import { isIP } from 'node:net'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { nodeIdForm } from '#proto/tls/identity.ts'
import type { Commands } from '../command-line.ts'
import { readAuthority } from './authority.ts'
import { type IssuedDirectory, isDue, issueNew, listIssued, readIssued, renewIssued } from './issued.ts'
import { daysOption, nameOf, type Place, told } from './place.ts'
import { showCertificates } from './show.ts'

const leafDays = 90

/** What the CA issues: for nodes and for the control plane. */
export const leafCommands = ({ dir, directoryOf, alone }: Place): Commands => ({
  'certificates issue-control-plane': {
    summary: 'issue the certificate that the api shows to nodes',
    options: { dir, days: daysOption(String(leafDays)) },
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
      days: daysOption(String(leafDays)),
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
      days: daysOption('as long as before'),
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
})

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
