import path from 'node:path'
import { expect, test } from 'vitest'
import { aControlPlane, aSecureClient, healthOf } from '#test/worker/daemon/tls-node.ts'
import { privateSettings, runCommand } from '../run-command.ts'

/** What a quantix command prints. */
async function quantix(settings: Record<string, string>, ...args: string[]): Promise<string> {
  const command = runCommand(['infra/quantix/main.ts', ...args], settings)
  expect(await command.ended(), command.output()).toBe(0)
  return command.output().trim()
}

test('a node that is set up by the commands serves others by TLS, and nobody without', async () => {
  const settings = await privateSettings()
  const worker = (env: Record<string, string> = {}, host = '0.0.0.0') =>
    runCommand(['worker/main.ts', '--standalone', '--listen', `${host}:${settings.QUANTIX_GRPC_PORT}`], {
      ...settings,
      ...env,
    })
  const open = worker()
  expect(await open.ended()).toBe(1)
  expect(open.output()).toContain('without TLS whoever reaches it rules this node. Set QUANTIX_NODE_TLS_DIR')
  const local = worker({}, '127.0.0.1')
  await local.printed('without TLS whoever reaches this port rules this node')
  local.kill('SIGTERM')
  await local.ended()

  const certificates = path.join(settings.QUANTIX_STATE ?? '', 'certificates')
  const nodeId = await quantix(settings, 'node-id')
  await quantix(settings, 'certificates', 'init')
  await quantix(settings, 'certificates', 'issue-control-plane')
  await quantix(settings, 'certificates', 'issue-node', nodeId)
  const mistaken = worker({ QUANTIX_NODE_TLS_DIR: path.join(certificates, 'control-plane') })
  expect(await mistaken.ended()).toBe(1)
  expect(mistaken.output()).toContain('is that of the control plane')

  const node = worker({ QUANTIX_NODE_TLS_DIR: path.join(certificates, 'nodes', nodeId) })
  await node.printed('the worker serves')
  const { credentialsOf, certificates: own } = await aControlPlane(path.join(certificates, 'control-plane'))
  const health = await healthOf(aSecureClient(Number(settings.QUANTIX_GRPC_PORT), credentialsOf(nodeId)))
  expect(health).toMatchObject({ nodeId, healthy: true })
  const leftDays = (Number(health.certificateExpiresAt?.seconds) * 1000 - Date.now()) / 86_400_000
  expect(Math.round(leftDays)).toBe(90)
  expect(own.current.identity).toEqual({ trustDomain: 'quantix.internal', nodeId: null })
})
