import { randomUUID, X509Certificate } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readAuthority } from '#infra/quantix/certificates/authority.ts'
import { certificateCommands } from '#infra/quantix/certificates/commands.ts'
import { issueLeaf } from '#infra/quantix/certificates/issue.ts'
import { runCommandLine } from '#infra/quantix/command-line.ts'
import { aControlPlane, aSecureClient, aTlsNode, healthOf } from '#test/worker/daemon/tls-node.ts'

const dayMs = 86_400_000

/** The commands of an installation of its own. */
function anInstallation() {
  const state = mkdtempSync(path.join(tmpdir(), 'quantix-'))
  onTestFinished(() => rmSync(state, { recursive: true }))
  const commands = certificateCommands(state)
  const directory = path.join(state, 'certificates')
  const run = (line: string) => runCommandLine(commands, ['certificates', ...line.split(' ')])
  return { state, directory, run, placeOf: (nodeId: string) => path.join(directory, 'nodes', nodeId) }
}

const serialOf = (directory: string) => new X509Certificate(readFileSync(path.join(directory, 'cert.pem'))).serialNumber

test('an operator connects nodes to a control plane, and changes the CA under them, by the commands alone', async () => {
  const { directory, run, placeOf } = anInstallation()
  const nodeId = randomUUID()
  await run('init')
  await run('issue-control-plane')
  await run(`issue-node ${nodeId} --address 127.0.0.1`)
  const controlPlane = await aControlPlane(path.join(directory, 'control-plane'))
  const node = await aTlsNode(placeOf(nodeId), nodeId)
  const ask = () => healthOf(aSecureClient(node.port, controlPlane.credentialsOf(nodeId)))
  await expect(ask()).resolves.toMatchObject({ nodeId })

  for (const change of ['renew --all', 'rotate-ca', 'retire-old-ca --yes']) {
    const before = serialOf(placeOf(nodeId))
    const shown = () => [node.certificates.current.cert, controlPlane.certificates.current.cert].join()
    const last = shown()
    await run(change)
    if (change.startsWith('re') && !change.startsWith('retire')) expect(serialOf(placeOf(nodeId))).not.toBe(before)
    await expect.poll(shown, { timeout: 5000 }).not.toBe(last)
    await expect(ask()).resolves.toMatchObject({ nodeId })
  }
  await expect(run('show')).resolves.toMatch(/CA 2 of quantix\.internal/)
  expect(node.warnings()).toEqual([])
  expect(controlPlane.warnings()).toEqual([])
})

test('keys and certificates are for their owner alone, and nothing half-written is left', async () => {
  const { directory, run } = anInstallation()
  await run('init')
  await run('issue-control-plane')
  await run(`issue-node ${randomUUID()}`)
  await run('renew --all')
  await run('rotate-ca')
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  const names = [...new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name))].sort()
  expect(names).toEqual(['ca.pem', 'cert.pem', 'cross.pem', 'key.pem'])
  for (const entry of entries) {
    const { mode } = statSync(path.join(entry.parentPath, entry.name))
    expect(mode & 0o777).toBe(entry.isDirectory() ? 0o700 : 0o600)
  }
  expect(statSync(directory).mode & 0o777).toBe(0o700)
})

test('nothing that exists is overwritten: neither a CA nor a certificate', async () => {
  const { directory, run, placeOf } = anInstallation()
  const nodeId = randomUUID()
  await run('init')
  await run(`issue-node ${nodeId}`)
  const before = [serialOf(placeOf(nodeId)), serialOf(path.join(directory, 'ca/1'))]
  await expect(run('init')).rejects.toMatchObject({ code: 'already_exists' })
  await expect(run(`issue-node ${nodeId}`)).rejects.toMatchObject({ code: 'already_exists' })
  expect([serialOf(placeOf(nodeId)), serialOf(path.join(directory, 'ca/1'))]).toEqual(before)
})

test('what is due is renewed, for as long as before and for the same addresses; the rest stays', async () => {
  const { directory, run, placeOf } = anInstallation()
  const [due, young] = [randomUUID(), randomUUID()]
  await run('init')
  for (const nodeId of [due, young]) await run(`issue-node ${nodeId} --address 10.0.0.5 --address node-2.example`)
  await expect(run('renew')).resolves.toContain('Nothing is due')
  // As it is when two thirds of 30 days have passed.
  const { newest, trustDomain } = await readAuthority(directory)
  const [notBefore, notAfter] = [-20.1, 9.9].map((days) => new Date(Date.now() + days * dayMs)) as [Date, Date]
  const addresses = ['10.0.0.5', 'node-2.example']
  const old = await issueLeaf(newest, { identity: { trustDomain, nodeId: due }, addresses, notBefore, notAfter })
  writeFileSync(path.join(placeOf(due), 'cert.pem'), old.cert)
  const before = serialOf(placeOf(young))

  await expect(run('renew')).resolves.toContain(due)
  const renewed = new X509Certificate(readFileSync(path.join(placeOf(due), 'cert.pem')))
  expect(renewed.subjectAltName).toContain('IP Address:10.0.0.5, DNS:node-2.example')
  expect(Math.round((renewed.validToDate.getTime() - Date.now()) / dayMs)).toBe(30)
  expect(serialOf(placeOf(young))).toBe(before)
})

test('an old CA is not retired while something is of it, or unasked', async () => {
  const { directory, run, placeOf } = anInstallation()
  const nodeId = randomUUID()
  await run('init')
  await run(`issue-node ${nodeId}`)
  await expect(run('retire-old-ca --yes')).rejects.toThrow('There is no old CA')
  const before = path.join(directory, '..', 'before')
  cpSync(placeOf(nodeId), before, { recursive: true })
  await run('rotate-ca')
  await expect(run('rotate-ca')).rejects.toThrow('A CA is being put in the place')
  await expect(run('retire-old-ca')).rejects.toThrow('will be cut off')
  // As an interrupted rotate-ca leaves it.
  cpSync(before, placeOf(nodeId), { recursive: true })
  await expect(run('retire-old-ca --yes')).rejects.toThrow(`${nodeId}: still of the old CA`)
  await expect(run('show')).resolves.toContain('renew: of the old CA')
  await run('renew')
  await run('retire-old-ca --yes')
  expect(readdirSync(path.join(directory, 'ca'))).toEqual(['2'])
})

test('the key of an old CA whose removal was cut off goes with the next command', async () => {
  const { directory, run } = anInstallation()
  await run('init')
  const cutOff = path.join(directory, 'ca/.1.removed')
  for (const command of ['renew', `issue-node ${randomUUID()}`, 'rotate-ca', 'retire-old-ca --yes']) {
    cpSync(path.join(directory, 'ca', command.startsWith('retire') ? '2' : '1'), cutOff, { recursive: true })
    await run(command)
    expect(existsSync(cutOff)).toBe(false)
  }
})

test.each([
  ['issue-node', 'NODE_ID is missing'],
  ['issue-node 10.0.0.5', 'is no node'],
  ['issue-node ../../etc', 'is no node'],
  [`issue-node ${randomUUID()} --address 10.0.0.5:9090`, 'without a port'],
  ['init --days never', 'whole number'],
  ['init --trust-domain spiffe://x', 'must be like'],
  ['init --colour', "Unknown option '--colour'"],
  ['show here there --dir x', 'no certificate in'],
  ['issue-control-plane', 'certificates init makes one'],
  ['renew nobody', 'There is no CA'],
  ['abolish', 'There is no command'],
])('certificates %s is refused with what is wrong, and makes nothing', async (line, text) => {
  const { state, run } = anInstallation()
  await expect(run(line)).rejects.toThrow(text)
  expect(readdirSync(state)).toEqual([])
})

test.each(['init', 'issue-node', 'issue-control-plane', 'show', 'renew', 'rotate-ca', 'retire-old-ca'])(
  'certificates %s --help says how it is used',
  async (name) => {
    const { state, run } = anInstallation()
    await expect(run(`${name} --help`)).resolves.toMatch(new RegExp(`^Usage: npm run quantix -- certificates ${name}`))
    expect(readdirSync(state)).toEqual([])
  },
)
