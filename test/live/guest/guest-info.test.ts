import { beforeAll, describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { succeeded } from '#test/e2e/system.ts'
import { startLiveSystem } from '../live-system.ts'
import { addLinuxIso, type LinuxGuest, linuxGuest, linuxSpec } from './linux-guest.ts'

const unavailable = libvirtAvailable()
const live = unavailable ? null : await startLiveSystem({ virtType: 'qemu' })

describe.skipIf(!live)(`of a Linux guest${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  const { node, client } = live as NonNullable<typeof live>
  const headers = { Prefer: 'wait=30' }
  let guest: LinuxGuest
  beforeAll(async () => {
    await addLinuxIso(node)
    const { id } = succeeded(
      await sdk.createVm({ client, headers, body: { name: 'linux', spec: { cpu: { cores: 1 }, ...linuxSpec } } }),
    )
    succeeded(await sdk.startVm({ client, headers, path: { id } }))
    guest = linuxGuest(node, id)
    await guest.isUp()
  })

  const statusOf = async () => succeeded(await sdk.getVm({ client, path: { id: guest.vmId } })).status
  const restartAgent = () => guest.sh('(sleep 0.2; killall qemu-ga) >/dev/null 2>&1 &')

  test('its API says what its agent says of it, as soon as the agent is there', async () => {
    await guest.sh(`
      hostname guest-1
      printf 'NAME="Test Linux"\\nVERSION="1 (one)"\\nID=test\\n' >/etc/os-release
      ifconfig lo 192.0.2.7 netmask 255.255.255.0 up
      mkdir -p /var/run
      echo ${loggedIn('ann', '2026-11-21T07:00:00.000Z')} | base64 -d >/var/run/utmp`)
    await restartAgent()
    await vi.waitFor(async () => expect((await statusOf()).guestAgent?.hostname).toBe('guest-1'), {
      timeout: 30_000,
      interval: 100,
    })
    const { guestAgent, ipAddresses, guestAgentConnected } = await statusOf()
    expect(guestAgentConnected).toBe(true)
    expect(guestAgent).toMatchObject({
      ...{ connected: true, current: true, hostname: 'guest-1', osName: 'Test Linux', osVersion: '1 (one)' },
      version: expect.stringMatching(/^\d/),
      kernelVersion: await guest.sh('uname -r'),
      interfaces: [{ name: 'lo', ipv4: ['127.0.0.1', '192.0.2.7'] }],
      fileSystems: [
        { mountpoint: '/disk', type: 'ext4', totalBytes: expect.any(Number), usedBytes: expect.any(Number) },
      ],
      users: [{ name: 'ann', loginAt: '2026-11-21T07:00:00.000Z' }],
    })
    expect(guestAgent?.capabilities).toContain('guest-fsfreeze-freeze')
    expect(ipAddresses).toEqual(['192.0.2.7'])
  })

  test('its API says what it uses', async () => {
    await vi.waitFor(async () => expect((await statusOf()).usage?.memory.guestTotalBytes).toBeGreaterThan(0), {
      timeout: 60_000,
      interval: 500,
    })
    const { usage } = await statusOf()
    expect(usage).toMatchObject({ current: true, disks: [{ target: 'vda' }, { target: 'sda' }] })
    expect(usage?.cpu.timeSeconds).toBeGreaterThan(0)
    expect(usage?.disks[0]?.readBytes).toBeGreaterThan(0)
    expect(usage?.memory.balloonBytes).toBe(256 * 2 ** 20)
    expect(usage?.memory.guestUsedBytes).toBeLessThan(usage?.memory.guestTotalBytes ?? 0)
  })
})

/** Who is logged in as Linux writes it down, in base64: https://man7.org/linux/man-pages/man5/utmp.5.html, on x86-64. */
function loggedIn(user: string, since: string): string {
  const record = Buffer.alloc(384)
  record.writeInt16LE(7, 0)
  record.write(user, 44)
  record.writeInt32LE(Date.parse(since) / 1000, 340)
  return record.toString('base64')
}
