import { loadSettings } from '#db/settings.ts'
import { readNodeId } from '#worker/node/node-id.ts'
import { runProgram } from '../run-program.ts'
import { certificateCommands } from './certificates/commands.ts'
import { type Commands, runCommandLine } from './command-line.ts'

await runProgram(async () => {
  const { stateDirectory } = loadSettings(process.env)
  const commands: Commands = {
    'node-id': {
      summary: "print this machine's node id",
      help: 'It stands in the state directory (QUANTIX_STATE), and is made where there is none: a worker that starts there has it.',
      options: {},
      run: async () => readNodeId(stateDirectory),
    },
    ...certificateCommands(stateDirectory),
  }
  console.log(await runCommandLine(commands, process.argv.slice(2)))
})
