import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '#test/db/eventually.ts'
import { readNodeId } from '#worker/node/node-id.ts'
import { lockNode } from '#worker/node/node-lock.ts'

function aDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'qn-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

test('a second worker of a node is refused, and told what holds it', () => {
  const directory = aDirectory()
  const lock = lockNode(directory)
  expect(() => lockNode(directory)).toThrow(path.join(directory, 'worker.lock'))
  lock.release()
  lockNode(directory).release()
})

test('the lock goes with its process, also when that is killed', async () => {
  const directory = aDirectory()
  const source = new URL('../../../worker/node/node-lock.ts', import.meta.url).href
  const program = `(await import('${source}')).lockNode('${directory}'); console.log('locked'); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  expect(() => lockNode(directory)).toThrow('Another worker')
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  await eventually(() => {
    try {
      lockNode(directory).release()
      return true
    } catch {
      return false
    }
  })
})

test('a program that the worker started does not keep the lock', () => {
  const directory = aDirectory()
  const lock = lockNode(directory)
  const child = spawn('sleep', ['30'])
  onTestFinished(() => void child.kill())
  lock.release()
  lockNode(directory).release()
})

test("a node's id is made once, whoever comes first, and stays", () => {
  const directory = aDirectory()
  const source = new URL('../../../worker/node/node-id.ts', import.meta.url).href
  const program = `console.log((await import('${source}')).readNodeId('${directory}'))`
  const other = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  const id = readNodeId(directory)
  expect(id).toMatch(/^[0-9a-f-]{36}$/)
  expect(other.stdout.trim()).toBe(id)
  expect(readNodeId(directory)).toBe(id)
  expect(readdirSync(directory)).toEqual(['node-id'])
})
