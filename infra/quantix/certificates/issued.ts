import { X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { certificateFiles } from '#proto/tls/certificates.ts'
import { alternativeNames, describeIdentity, type Identity, readIdentity } from '#proto/tls/identity.ts'
import { renewalDue } from '#proto/tls/renewal.ts'
import type { Authority } from './authority.ts'
import { noneWhereMissing } from './authority.ts'
import { issueLeaf, validFor } from './issue.ts'
import { writeDirectory, writeFiles } from './write-whole.ts'

const dayMs = 86_400_000

/** A directory of certificates, as it is carried to its machine. */
export interface IssuedDirectory {
  directory: string
  identity: Identity
  addresses: string[]
  leaf: X509Certificate
  notBefore: Date
  notAfter: Date
}

/** Where the certificates of a node, or of the control plane (null), are made. */
const placeFor = (directory: string, nodeId: string | null): string =>
  nodeId === null ? path.join(directory, 'control-plane') : path.join(directory, 'nodes', nodeId)

/** Issues what there was none of. Throws `already_exists`. */
export async function issueNew(
  directory: string,
  authority: Authority,
  { nodeId, addresses, days }: { nodeId: string | null; addresses: readonly string[]; days: number },
): Promise<IssuedDirectory> {
  const place = placeFor(directory, nodeId)
  const known = await findIssued(place)
  if (known) {
    throw new AppError(
      'already_exists',
      `${describeIdentity(known.identity)} has a certificate until ${known.notAfter.toISOString()}, in ${place}. certificates renew ${nodeId ?? 'control-plane'} makes a new one; to change its addresses, remove that directory first`,
    )
  }
  const identity = { trustDomain: authority.trustDomain, nodeId }
  await writeFiles(path.dirname(place), {})
  await writeDirectory(place, await newFiles(authority, { identity, addresses, days }))
  return await readIssued(place)
}

/** A new certificate and key in the place of the old ones, with the same names, and for as long as those if nothing else is said. */
export async function renewIssued(
  authority: Authority,
  { directory, identity, addresses, notBefore, notAfter }: IssuedDirectory,
  days = Math.max(1, Math.round((notAfter.getTime() - notBefore.getTime()) / dayMs)),
): Promise<IssuedDirectory> {
  await writeFiles(directory, await newFiles(authority, { identity, addresses, days }))
  return await readIssued(directory)
}

/** Lets a certificate of the newest CA stand, but trusts that CA alone. */
export const forgetOldAuthority = (authority: Authority, { directory, leaf }: IssuedDirectory): Promise<void> =>
  writeFiles(directory, { [certificateFiles.ca]: authority.newest.cert, [certificateFiles.cert]: leaf.toString() })

async function newFiles(
  authority: Authority,
  { identity, addresses, days }: { identity: Identity; addresses: readonly string[]; days: number },
) {
  const { cert, key } = await issueLeaf(authority.newest, { identity, addresses, ...validFor(days) })
  return {
    [certificateFiles.ca]: authority.trusted,
    [certificateFiles.key]: key,
    [certificateFiles.cert]: `${cert}${authority.between}`,
  }
}

/** Everything that was issued: the control plane's first, then the nodes'. */
export async function listIssued(directory: string): Promise<IssuedDirectory[]> {
  const nodes = await readdir(path.join(directory, 'nodes')).catch(noneWhereMissing)
  const places = [
    placeFor(directory, null),
    ...nodes.filter((name) => !name.startsWith('.')).map((nodeId) => placeFor(directory, nodeId)),
  ]
  return (await Promise.all(places.map(findIssued))).filter((found) => found !== null)
}

const findIssued = (place: string): Promise<IssuedDirectory | null> =>
  readIssued(place).catch((error) => {
    if (error.code === 'ENOENT') return null
    throw error
  })

/** Reads a directory; its key may be elsewhere. Throws ENOENT, and `failed_precondition`. */
export async function readIssued(directory: string): Promise<IssuedDirectory> {
  const file = path.join(directory, certificateFiles.cert)
  const leaf = new X509Certificate(await readFile(file))
  const identity = readIdentity(leaf.subjectAltName)
  if (!identity) throw new AppError('failed_precondition', `${file} is of no node, and not of the control plane`)
  const addresses = (alternativeNames(leaf.subjectAltName ?? '') ?? [])
    .filter(({ type }) => type !== 'URI')
    .map(({ value }) => value)
  return { directory, identity, addresses, leaf, notBefore: leaf.validFromDate, notAfter: leaf.validToDate }
}

export const isOfNewest = ({ newest }: Authority, { leaf }: IssuedDirectory): boolean =>
  leaf.verify(new X509Certificate(newest.cert).publicKey)

/** Whether it is to be renewed: its time comes, or its CA is not the newest. */
export const isDue = (authority: Authority, issued: IssuedDirectory): boolean =>
  !isOfNewest(authority, issued) || renewalDue(issued).getTime() <= Date.now()
