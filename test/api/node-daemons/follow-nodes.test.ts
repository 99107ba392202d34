import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { followNodes } from '#api/node-daemons/follow-nodes.ts'
import { isLoopback } from '#api/node-daemons/open.ts'
import { nodes } from '#db/schema/node.ts'
import { eventually } from '#test/db/eventually.ts'
import { aNode, startTestApi } from '../test-api.ts'
import { aPool, until } from './a-pool.ts'
import { aFakeDaemon } from './fake-daemon.ts'

test('the pool follows the nodes: one that comes is dialled, one that moves dialled anew, one that goes let go', async ({
  onTestFinished,
}) => {
  const { database, log } = await startTestApi()
  const [before, after] = [await aFakeDaemon(onTestFinished), await aFakeDaemon(onTestFinished)]
  const pool = aPool(onTestFinished)
  const following = followNodes({ database, pool, mayDial: isLoopback, log, everyMs: 20 })
  onTestFinished(() => following.close())
  const { id } = await aNode(database, { id: before.nodeId, daemonAddress: before.address })
  await aNode(database, { daemonAddress: '10.0.0.7:9090' })

  await eventually(() => pool.get(id)?.state === 'CONNECTED')
  after.claims = id
  const thisNode = eq(nodes.id, id)
  await database.drizzle.update(nodes).set({ daemonAddress: after.address }).where(thisNode)
  await eventually(() => pool.get(id)?.address === after.address && pool.get(id)?.state === 'CONNECTED')
  // Without TLS nobody else's machine is called.
  expect(pool.snapshot().nodes).toHaveLength(1)
  expect(log.lines.filter(({ message }) => message.includes('TLS'))).toHaveLength(1)

  await database.drizzle.update(nodes).set({ daemonAddress: null }).where(thisNode)
  await eventually(() => pool.get(id) === undefined)
})

test('a node shows whether its daemon is reached, and why it is not', async ({ onTestFinished }) => {
  const [fake, pool] = [await aFakeDaemon(onTestFinished), aPool(onTestFinished)]
  const api = await startTestApi({ daemons: pool })
  const node = await aNode(api.database, { daemonAddress: fake.address })
  const shown = async () => (await api.send('GET', `/api/v1/nodes/${node.id}`)).body.daemon
  expect(await shown()).toBeNull()
  await until(pool.connect(node.id, fake.address), 'WRONG_NODE')
  expect(await shown()).toEqual({ state: 'WRONG_NODE', message: expect.stringContaining(fake.nodeId) })
  fake.claims = node.id
  await eventually(async () => (await shown()).state === 'CONNECTED')
  expect(await shown()).toEqual({ state: 'CONNECTED', message: null })
})
