import { createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { requireServer } from '#worker/hypervisor/libvirt/storage/server-probe.ts'

type Answer = (socket: Socket) => void

const initiator = 'iqn.2008-11.org.linux-kvm:test'
const target = 'iqn.2003-01.org.example:disk'
const sourceAt = (port: number) => ({ type: 'iscsi', host: '127.0.0.1', port, target }) as const
const notReachable = { code: 'unavailable', reason: 'POOL_NOT_REACHABLE' }

async function aServer(answer: Answer, onTestFinished: (close: () => void) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    answer(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

const silent: Answer = () => {}
const answering: Answer = (socket) => socket.once('data', () => socket.write('anything'))

test('a server that answers is there, whatever it says', async ({ onTestFinished }) => {
  await requireServer(sourceAt(await aServer(answering, onTestFinished)), initiator)
})

test.for([
  ['takes connections and says nothing', silent, /nothing within 3000 ms/],
  ['hangs up', (socket) => socket.end(), /hangs up/],
] as [string, Answer, RegExp][])('a server that %s is not there', async ([, answer, says], { onTestFinished }) => {
  const port = await aServer(answer, onTestFinished)
  const probing = requireServer(sourceAt(port), initiator)
  await expect(probing).rejects.toMatchObject({ ...notReachable, message: expect.stringMatching(says) })
  await expect(probing).rejects.toThrow(`127.0.0.1:${port}`)
})

test('where nobody listens is no server', async () => {
  await expect(requireServer(sourceAt(1), initiator)).rejects.toMatchObject(notReachable)
})

test('a cluster is there while one of its monitors is: they speak first', async ({ onTestFinished }) => {
  const ports = [
    await aServer(silent, onTestFinished),
    await aServer((socket) => socket.write('ceph v2\n'), onTestFinished),
  ]
  const monitors = ports.map((port) => ({ host: '127.0.0.1', port }))
  await requireServer({ type: 'ceph-rbd', monitors, pool: 'rbd' }, initiator)
})

test('a login to an iSCSI target is one by the book', async ({ onTestFinished }) => {
  const heard = Promise.withResolvers<Buffer>()
  const port = await aServer(
    (socket) => socket.once('data', (data) => heard.resolve(data) ?? socket.write('x')),
    onTestFinished,
  )
  await requireServer(sourceAt(port), initiator)
  const login = await heard.promise
  expect(login.length % 4).toBe(0)
  expect(login[0]).toBe(0x43)
  const text = login.toString('utf8', 48, 48 + login.readUIntBE(5, 3))
  expect(text.split('\0')).toEqual([`InitiatorName=${initiator}`, 'SessionType=Discovery', 'AuthMethod=None,CHAP', ''])
})

test('a directory has no server', async () => {
  await requireServer({ type: 'local-dir', path: '/srv' }, initiator)
})
