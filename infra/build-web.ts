import { consoleProgress } from './progress.ts'
import { buildConsole } from './setup/console.ts'

await buildConsole(consoleProgress())
