import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '#infra/until.ts'
import { notEnded } from '#test/support/processes.ts'
import { privateSettings, runCommand } from './run-command.ts'

const serving = 'runs these CPU modes'

const nodesOf = async (settings: Record<string, string>) => {
  const response = await fetch(`http://127.0.0.1:${settings.QUANTIX_PORT}/api/v1/nodes`)
  const page = (await response.json()) as { items: { id: string }[] }
  return page.items
}

test.each([
  ['SIGINT', 'redis'],
  ['SIGTERM', 'redis'],
  ['SIGINT', 'postgres'],
] as const)('npm start serves, and %s leaves no process of it, with the queue on %s', async (signal, queue) => {
  const settings: Record<string, string> = { ...(await privateSettings()), QUANTIX_QUEUE: queue }
  const start = runCommand(['infra/start.ts'], settings)
  await start.printed(serving)
  expect((await fetch(`http://127.0.0.1:${settings.QUANTIX_PORT}/readyz`)).status).toBe(200)
  const processes = start.processes()
  // The launcher, the supervisor, three programs, PostgreSQL with its own.
  expect(processes.length).toBeGreaterThan(6)

  start.kill(signal)
  expect(await start.ended()).toBe(0)
  expect(start.output()).not.toContain('killing it')
  expect(await notEnded(processes)).toEqual([])
})

test.each([
  ['launcher', 0],
  ['supervisor', 1],
])('when its %s is killed all the rest ends, and the next npm start serves the same node', async (_, index) => {
  const settings = await privateSettings()
  const first = runCommand(['infra/start.ts'], settings)
  await first.printed(serving)
  const nodes = await nodesOf(settings)
  const processes = first.processes()
  process.kill(processes[index]?.pid ?? 0, 'SIGKILL')
  expect(await notEnded(processes)).toEqual([])

  const second = runCommand(['infra/start.ts'], settings)
  await second.printed(serving)
  expect((await nodesOf(settings)).map(({ id }) => id)).toEqual(nodes.map(({ id }) => id))
  second.kill('SIGINT')
  expect(await second.ended()).toBe(0)
})

test('two of them with settings of their own run side by side', async () => {
  const [one, other] = [await privateSettings(), await privateSettings()]
  const commands = [one, other].map((settings) => runCommand(['infra/start.ts'], settings))
  for (const command of commands) await command.printed(serving)
  const [oneNode] = await nodesOf(one)
  const [otherNode] = await nodesOf(other)
  expect(oneNode?.id).not.toBe(otherNode?.id)
  for (const command of commands) command.kill('SIGINT')
  for (const command of commands) expect(await command.ended()).toBe(0)
})

test('a second one on the same state directory is refused and disturbs nothing', async () => {
  const settings = await privateSettings()
  const first = runCommand(['infra/start.ts'], settings)
  await first.printed(serving)
  const ports = await privateSettings()
  const second = runCommand(['infra/start.ts'], { ...ports, QUANTIX_STATE: settings.QUANTIX_STATE ?? '' })
  expect(await second.ended()).toBe(1)
  expect(second.output()).toContain(`${settings.QUANTIX_STATE} is served by another Quantix`)
  expect(await nodesOf(settings)).toHaveLength(1)
  first.kill('SIGINT')
  expect(await first.ended()).toBe(0)
})

test('a program that dies is started again', async () => {
  const settings = await privateSettings()
  const start = runCommand(['infra/start.ts'], settings)
  await start.printed(serving)
  const isApi = async () => {
    const response = await fetch(`http://127.0.0.1:${settings.QUANTIX_PORT}/healthz`).catch(() => null)
    return response?.ok === true
  }
  const programs = () => start.processes().filter(({ command }) => command.includes('main.ts'))
  const before = programs()
  expect(before).toHaveLength(3)
  for (const { pid } of before) process.kill(pid, 'SIGKILL')
  for (const name of ['api', 'worker', 'controller']) await start.printed(`${name} ended (SIGKILL)`)
  expect(await until(isApi, 20_000)).toBe(true)
  expect(await until(() => programs().length === 3, 20_000)).toBe(true)
  start.kill('SIGINT')
  expect(await start.ended()).toBe(0)
})

test('a port in use is named with the setting that changes it', async () => {
  const settings = await privateSettings()
  const server = createServer().listen(Number(settings.QUANTIX_PORT), '127.0.0.1')
  onTestFinished(() => void server.close())
  const start = runCommand(['infra/start.ts'], settings)
  expect(await start.ended()).toBe(1)
  expect(start.output()).toContain(`Port ${settings.QUANTIX_PORT} is in use`)
  expect(start.output()).toContain('QUANTIX_PORT')
})

test('a wrong setting is named, and nothing starts', async () => {
  const settings = await privateSettings()
  const start = runCommand(['infra/start.ts'], { ...settings, QUANTIX_PORT: 'eighty' })
  expect(await start.ended()).toBe(1)
  expect(start.output()).toContain('QUANTIX_PORT')
  await expect(writeFile(`${settings.QUANTIX_STATE}/probe`, '')).rejects.toThrow('ENOENT')
})

test('it runs on the PostgreSQL queue when asked to, and says so', async () => {
  const start = runCommand(['infra/start.ts'], { ...(await privateSettings()), QUANTIX_QUEUE: 'postgres' })
  await start.printed(serving)
  expect(start.output()).toContain('BullMQ on PostgreSQL (QUANTIX_QUEUE)')
  start.kill('SIGINT')
  expect(await start.ended()).toBe(0)
})
