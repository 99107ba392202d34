import { loadSettings } from '#db/settings.ts'
import { consoleProgress } from './progress.ts'
import { runProgram } from './run-program.ts'
import { provideConsole } from './setup/console.ts'
import { prepareMachine } from './setup/machine.ts'
import { banner } from './stack/banner.ts'
import { describeNode, waitForNode } from './stack/node.ts'
import { startStack } from './stack/stack.ts'
import { aborted, stopSignal } from './stop-signal.ts'

await runProgram(async () => {
  const stop = stopSignal()
  const begun = new Date()
  const progress = consoleProgress()
  const settings = loadSettings(process.env)
  const machine = await prepareMachine(settings, progress)
  await provideConsole(progress)
  const stack = await startStack(settings, machine, progress.say)
  progress.say(banner(stack, machine.hypervisor))
  progress.say('Ctrl-C stops it; VMs go on running\n')

  try {
    const node = await waitForNode(stack, begun, stop)
    if (node) progress.say(describeNode(node))
    await aborted(stop)
    progress.say('\nStopping')
  } finally {
    await stack.stop()
  }
  progress.say('Stopped')
})
