import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { messageForms } from './message-forms.ts'

/** Writes the types of the proto files' messages to `gen/`; with `--check` it fails when they differ from what is there. */

const run = promisify(execFile)
const root = path.join(import.meta.dirname, '..')
const here = path.join(import.meta.dirname, 'gen')

async function generate(directory: string): Promise<void> {
  const forms = Object.entries(messageForms).map(([name, form]) => `--${name}=${form}`)
  const options = [...forms, '--includeComments', '--grpcLib=@grpc/grpc-js', '--importFileExtension=.ts']
  await rm(directory, { recursive: true, force: true })
  // Named from the root, as the files that it writes name their origin.
  const files = ['--includeDirs=proto', `--outDir=${directory}`, 'limiquantix/node/v1/node_daemon.proto']
  await run('proto-loader-gen-types', [...options, ...files], { cwd: root })
}

if (process.argv.includes('--check')) {
  const fresh = await mkdtemp(path.join(tmpdir(), 'proto-'))
  try {
    await generate(fresh)
    await run('diff', ['--recursive', '--brief', here, fresh])
  } catch (error) {
    console.error(
      `Not up to date in proto/gen; run "node proto/generate.ts":\n${(error as { stdout?: string }).stdout ?? error}`,
    )
    process.exitCode = 1
  } finally {
    await rm(fresh, { recursive: true })
  }
} else {
  await generate(here)
}
