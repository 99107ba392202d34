import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

/** A program that says when it listens for the signal; `rest` is what it does besides. */
function program(rest: string) {
  const module = path.resolve('db/stop-signal.ts')
  const code = `import { stopSignal } from '${module}'; const stopping = stopSignal({ within: 200 }); ${rest}; console.log('ready')`
  const child = spawn('node', ['--input-type=module', '--eval', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'a program whose close waits for ever ends after %s all the same',
  async (signal) => {
    const child = program(`setInterval(() => {}, 1000)`)
    await once(child.stdout, 'data')
    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([1, null])
  },
)

test('a program that stops in time ends as it likes', async () => {
  const child = program(
    `const timer = setInterval(() => {}, 1000); stopping.addEventListener('abort', () => clearInterval(timer))`,
  )
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})
