import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' })

/** Why no bridge can be made here; null where one can. */
export function bridgesAvailable(): string | null {
  try {
    const name = bridgeName()
    ip('link', 'add', name, 'type', 'bridge')
    ip('link', 'del', name)
    return null
  } catch {
    return 'this machine makes no bridges'
  }
}

/** A bridge with nothing on it, which goes with the test. Resolves to its name. */
export function aBridge(): string {
  const name = bridgeName()
  ip('link', 'add', name, 'type', 'bridge')
  onTestFinished(() => void ip('link', 'del', name))
  ip('link', 'set', name, 'up')
  return name
}

/** A bridge's name has 15 characters at most. */
const bridgeName = () => `qx-${randomBytes(4).toString('hex')}`
