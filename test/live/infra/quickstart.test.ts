import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LibvirtHost, libvirtAvailable, startLibvirtHost } from '#infra/libvirt-host.ts'
import { privateSettings, runCommand } from '#test/infra/run-command.ts'
import { notEnded } from '#test/support/processes.ts'

const run = promisify(execFile)
const unavailable = libvirtAvailable()

describe.skipIf(unavailable !== null)(`npm run quickstart on libvirt (${unavailable ?? 'available'})`, () => {
  let host: LibvirtHost
  beforeAll(async () => {
    host = await startLibvirtHost()
  })
  afterAll(() => host?.stop())

  const settings = async (): Promise<Record<string, string>> => ({
    ...(await privateSettings()),
    QUANTIX_LIBVIRT_URI: host.uri,
  })
  /** Domains and storage pools, as libvirt's own tool lists them. */
  const leftovers = async () => {
    const domains = await run('virsh', ['-c', host.uri, 'list', '--all', '--name'])
    const pools = await run('virsh', ['-c', host.uri, 'pool-list', '--all', '--name'])
    return `${domains.stdout}${pools.stdout}`.trim()
  }

  test('the main job is as published in every CPU mode that runs here, and nothing is left', async () => {
    const env = await settings()
    const quickstart = runCommand(['infra/quickstart.ts'], env)
    expect(await quickstart.ended(), quickstart.output()).toBe(0)
    const output = quickstart.output()
    expect(output).toContain('Every cell measured is as published, on libvirt and QEMU')
    expect(output).toContain("<cpu mode='host-model' check='partial'>")
    if (!output.includes('host-passthrough does not run on this machine')) {
      expect(output).toContain("<cpu mode='host-passthrough' check='none' migratable='off'>")
      expect(output).toContain('| With memory   | ✗ Not supported  | ✓ Works    |')
    }
    expect(await leftovers()).toBe('')
    expect(await readdir(env.QUANTIX_STATE ?? '')).toEqual([])
  })

  test('what a killed tour left is removed by the next one', async () => {
    const env = await settings()
    const first = runCommand(['infra/quickstart.ts'], env)
    await first.printed('host-model: start it')
    const processes = first.processes()
    for (const { pid } of processes.slice(0, 2)) process.kill(pid, 'SIGKILL')
    expect(await notEnded(processes)).toEqual([])
    expect(await leftovers()).toContain('quickstart-host-model')

    const second = runCommand(['infra/quickstart.ts'], env)
    expect(await second.ended(), second.output()).toBe(0)
    expect(await leftovers()).toBe('')
  })
})

test.skipIf(unavailable !== null)(
  'a VM goes on running when npm start ends, and the next npm start finds it',
  async () => {
    const host = await startLibvirtHost()
    try {
      const env: Record<string, string> = { ...(await privateSettings()), QUANTIX_LIBVIRT_URI: host.uri }
      const api = `http://127.0.0.1:${env.QUANTIX_PORT}/api/v1/vms`
      const first = runCommand(['infra/start.ts'], env)
      await first.printed('runs these CPU modes')
      const headers = { 'content-type': 'application/json', prefer: 'wait=30' }
      const body = JSON.stringify({ name: 'survivor', spec: { cpu: { cores: 1 }, memory: { sizeMib: 64 } } })
      const created = await fetch(api, { method: 'POST', headers, body }).then((answer) => answer.json())
      const { id } = created as { id: string }
      expect((await fetch(`${api}/${id}/start`, { method: 'POST', headers })).status).toBe(200)
      first.kill('SIGINT')
      expect(await first.ended()).toBe(0)
      expect((await run('virsh', ['-c', host.uri, 'list', '--uuid'])).stdout.trim()).toBe(id)

      const second = runCommand(['infra/start.ts'], env)
      await second.printed('runs these CPU modes')
      expect(await fetch(`${api}/${id}`).then((answer) => answer.json())).toMatchObject({
        status: { state: 'RUNNING' },
      })
      expect((await fetch(`${api}/${id}?force=true`, { method: 'DELETE', headers })).status).toBeLessThan(300)
      second.kill('SIGINT')
      expect(await second.ended()).toBe(0)
    } finally {
      await host.stop()
    }
  },
)
