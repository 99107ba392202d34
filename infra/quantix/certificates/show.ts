import { X509Certificate } from 'node:crypto'
import { describeIdentity } from '#proto/tls/identity.ts'
import { renewalDue } from '#proto/tls/renewal.ts'
import { columns } from '../command-line.ts'
import type { Authority } from './authority.ts'
import { type IssuedDirectory, isOfNewest } from './issued.ts'

interface Validity {
  notBefore: Date
  notAfter: Date
}

const dayMs = 86_400_000

/** A table of certificates. Without the authority nobody knows which CA is the newest. */
export function showCertificates(authority: Authority | null, issued: readonly IssuedDirectory[]): string {
  const rows = issued.map((one) => [
    describeIdentity(one.identity),
    one.addresses.join(' '),
    ...validity(one),
    authority && !isOfNewest(authority, one) ? 'renew: of the old CA' : advice(one),
  ])
  return columns([['of', 'addresses', 'valid until', 'days left', ''], ...authorityRows(authority), ...rows])
}

function authorityRows(authority: Authority | null): string[][] {
  if (!authority) return []
  const { newest, isRotating, trustDomain } = authority
  const { validFromDate, validToDate } = new X509Certificate(newest.cert)
  const life = { notBefore: validFromDate, notAfter: validToDate }
  const state = isRotating ? 'the one before is still trusted' : advice(life).replace('renew', 'rotate-ca')
  return [[`CA ${newest.number} of ${trustDomain}`, '', ...validity(life), state]]
}

const validity = ({ notAfter }: Validity): string[] => [
  notAfter.toISOString(),
  String(Math.floor((notAfter.getTime() - Date.now()) / dayMs)),
]

function advice(life: Validity): string {
  if (life.notAfter.getTime() < Date.now()) return 'EXPIRED: renew'
  return renewalDue(life).getTime() <= Date.now() ? 'renew' : 'good'
}
