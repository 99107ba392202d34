import { randomUUID } from 'node:crypto'
import { chmodSync, copyFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '#infra/until.ts'
import { watchCertificates } from '#proto/tls/watched-certificates.ts'
import { aLog } from '#test/worker/daemon/tls-node.ts'
import { anAuthority, expired } from './authority.ts'

const nodeId = randomUUID()

async function watched(directory: string) {
  const { log, ...logged } = aLog()
  const certificates = await watchCertificates({ directory, nodeId, log, intervalMs: 10 })
  onTestFinished(() => certificates.close())
  return { certificates, ...logged }
}

test.each([
  ['half of a set: a certificate without its key', 'does not belong to'],
  ['of another node', 'is that of node'],
  ['that has expired', 'expired at'],
  ['of a CA that its own directory does not trust', 'signed by none'],
  ['that is no certificate', 'cannot be understood'],
  ['that is empty', 'holds no certificate'],
  ['that has gone', 'cannot be read'],
  ['whose key is open to everybody', 'open to every user'],
])('the certificates in use stay when what comes is %s, and good ones take their place later', async (what, text) => {
  const [ca, other] = [await anAuthority(), await anAuthority()]
  const directory = await ca.directory(nodeId)
  const { certificates, warnings, messages } = await watched(directory)
  const before = certificates.current
  const cert = path.join(directory, 'cert.pem')
  const spoil: Record<string, () => unknown> = {
    'half of a set: a certificate without its key': async () =>
      copyFileSync(path.join(await ca.directory(nodeId), 'cert.pem'), cert),
    'of another node': () => ca.issueInto(directory, randomUUID()),
    'that has expired': () => ca.issueInto(directory, nodeId, expired),
    'of a CA that its own directory does not trust': () => ca.issueInto(directory, nodeId, { trusts: other.cert }),
    'that is no certificate': () =>
      writeFileSync(cert, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
    'that is empty': () => writeFileSync(cert, ''),
    'that has gone': () => rmSync(cert),
    'whose key is open to everybody': () => chmodSync(path.join(directory, 'key.pem'), 0o644),
  }
  await spoil[what]?.()
  const told = () => warnings().map(({ err }) => (err as Error).message)
  expect(await until(() => told().length > 0, 5000)).toBe(true)
  expect(told()[0]).toContain(text)
  expect(certificates.current).toBe(before)

  await ca.issueInto(directory, nodeId)
  expect(await until(() => certificates.current !== before, 5000)).toBe(true)
  expect(messages()).toContain('new TLS certificates are in use')
  expect(told()).toHaveLength(1)
})

test('a program does not start with the certificates of another, or with none', async () => {
  const ca = await anAuthority()
  const someone = randomUUID()
  await expect(watched(await ca.directory(someone))).rejects.toThrow(
    `is that of node ${someone} in quantix.test, and this is node ${nodeId} in quantix.test`,
  )
  await expect(watched(await ca.directory(null))).rejects.toThrow('is that of the control plane')
  await expect(watched('/nowhere')).rejects.toMatchObject({
    code: 'failed_precondition',
    message: expect.stringContaining('ca.pem cannot be read'),
  })
})

test('a program starts with a certificate that has expired, says so, and takes the renewed one', async () => {
  const ca = await anAuthority()
  const directory = await ca.directory(nodeId, expired)
  const { certificates, messages } = await watched(directory)
  expect(messages()).toEqual(['the TLS certificate has expired, and no peer accepts it: renew it'])
  await ca.issueInto(directory, nodeId)
  expect(await until(() => certificates.current.notAfter.getTime() > Date.now(), 5000)).toBe(true)
})

test('a certificate in the last third of its time is warned about once, and no younger one', async () => {
  const ca = await anAuthority()
  const hoursFromNow = (hours: number) => new Date(Date.now() + hours * 3_600_000)
  const young = await watched(await ca.directory(nodeId, { notBefore: hoursFromNow(-65), notAfter: hoursFromNow(35) }))
  const directory = await ca.directory(nodeId, { notBefore: hoursFromNow(-68), notAfter: hoursFromNow(32) })
  const old = await watched(directory)
  // It looks at them many times meanwhile.
  await ca.issueInto(directory, nodeId, { notBefore: hoursFromNow(-69), notAfter: hoursFromNow(31) })
  expect(await until(() => old.warnings().length === 2, 5000)).toBe(true)
  expect(old.messages()).toEqual([
    'the TLS certificate expires soon: renew it',
    'new TLS certificates are in use',
    'the TLS certificate expires soon: renew it',
  ])
  expect(young.warnings()).toEqual([])
})
