import { expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { readGuestInfo } from '#worker/hypervisor/libvirt/agent/guest-info.ts'

const dom = { name: 'guest', uuid: '0199f1de-0000-7000-8000-000000000001', id: 1 }
const commands = ['osinfo', 'host-name', 'fsinfo', 'users'].map((what) => `guest-get-${what}`)
const allCommands = [...commands, 'guest-network-get-interfaces'].map((name) => ({ name, enabled: true }))

/** What is read of an agent that answers so; what it is asked beside is refused. */
const informationOf = (answers: Record<string, unknown>) =>
  readGuestInfo(
    {
      async ask(_, { execute }) {
        if (execute in answers) return answers[execute]
        throw new AppError('failed_precondition', 'It cannot.', { reason: 'GUEST_AGENT_CANNOT' })
      },
    },
    dom,
    new AbortController().signal,
  )

const many = <Item>(count: number, item: (index: number) => Item) => Array.from({ length: count }, (_, i) => item(i))
const long = '\u{1F600}'.repeat(2000)

test('an agent cannot say more of its guest than what a node tells of a thousand VMs in one message', async () => {
  const ipv6 = { 'ip-address-type': 'ipv6', 'ip-address': '2001:db8:1111:2222:3333:4444:5555:6666' }
  const information = await informationOf({
    'guest-info': {
      version: long,
      supported_commands: [...allCommands, ...many(5000, (i) => ({ name: `${i}`.padEnd(64, 'x'), enabled: true }))],
    },
    'guest-get-osinfo': { name: long, version: long, 'kernel-release': long },
    'guest-get-host-name': { 'host-name': long },
    'guest-network-get-interfaces': many(1000, () => ({
      ...{ name: long, 'hardware-address': long },
      'ip-addresses': many(1000, () => ipv6),
    })),
    'guest-get-fsinfo': many(1000, () => ({ mountpoint: long, type: long, 'total-bytes': 1, 'used-bytes': 1 })),
    'guest-get-users': many(1000, () => ({ user: long, 'login-time': 1 })),
  })
  for (const list of ['interfaces', 'fileSystems', 'users', 'capabilities'] as const) {
    expect(information?.[list].length).toBeGreaterThan(2)
  }
  const [first] = information?.interfaces ?? []
  expect([first?.name.length, first?.ipv6.length]).toEqual([64, 16])
  expect(Buffer.byteLength(JSON.stringify(information))).toBeLessThan(19 * 1024)
})

test('an address of a guest is an address, of the family that it is said to be', async () => {
  const addresses = [
    ...[['ipv4', '192.0.2.1'] as const, ['ipv6', 'fe80::1%eth0'] as const, ['ipv6', '2001:db8::1'] as const],
    ...[['ipv4', '2001:db8::1'] as const, ['ipv4', 'x'.repeat(255)] as const, ['ipv6', '<b>'] as const],
  ]
  const information = await informationOf({
    'guest-info': { supported_commands: allCommands },
    'guest-network-get-interfaces': [
      'no interface',
      {
        name: 'eth0',
        'ip-addresses': addresses.map(([type, ip]) => ({ 'ip-address-type': type, 'ip-address': ip })),
      },
    ],
  })
  expect(information?.interfaces).toEqual([
    { name: 'eth0', mac: null, ipv4: ['192.0.2.1'], ipv6: ['fe80::1', '2001:db8::1'] },
  ])
})

test('who is logged in to a guest is told, and since when where that can be', async () => {
  const information = await informationOf({
    'guest-info': { supported_commands: allCommands },
    'guest-get-users': [
      { user: 'ann', 'login-time': 1_763_713_261.25 },
      { user: 'b\nob', 'login-time': 1e300 },
      { user: 'eve', domain: 'EXAMPLE' },
      { 'login-time': 1 },
    ],
  })
  expect(information?.users).toEqual([
    { name: 'ann', loginAt: '2025-11-21T08:21:01.250Z' },
    { name: 'bob', loginAt: null },
    { name: 'eve', loginAt: null },
  ])
})

test('what an agent says can be stored, wherever it is cut', async () => {
  const information = await informationOf({
    'guest-info': { version: `x${long}`, supported_commands: allCommands },
    'guest-get-host-name': { 'host-name': long },
  })
  expect([information?.version?.isWellFormed(), information?.hostname?.isWellFormed()]).toEqual([true, true])
})
