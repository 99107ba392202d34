import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

/** A program that logs twice and ends when it is told to. */
function program() {
  const module = path.resolve('db/program-log.ts')
  const code = `import { programLog } from '${module}'
    const log = programLog('test')
    process.stdin.once('data', () => { log.info('first'); log.info('second'); process.exit(3) })
    process.stderr.write('ready')`
  const child = spawn('node', ['--input-type=module', '--eval', code], { stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

test('a program whose log nobody reads any more ends all the same', async () => {
  const child = program()
  await once(child.stderr, 'data')
  child.stdout.destroy()
  await once(child.stdout, 'close')
  child.stdin.write('end')
  expect(await once(child, 'exit')).toEqual([3, null])
})

test('what was logged right before the end is written', async () => {
  const child = program()
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  await once(child.stderr, 'data')
  child.stdin.write('end')
  await once(child, 'close')
  expect(output.match(/"msg":"\w+"/g)).toEqual(['"msg":"first"', '"msg":"second"'])
})
