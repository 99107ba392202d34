import { readFile } from 'node:fs/promises'

/** The lockfile names packages and checksums, and no address: whoever installs has a registry of their own. */
export async function checkLockfile(): Promise<string> {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'))
  const names = Object.keys(packages).filter((name) => name !== '')
  const addressed = names.filter((name) => packages[name].resolved !== undefined)
  const unchecked = names.filter((name) => packages[name].integrity === undefined)
  return [
    ...addressed.map((name) => `${name} has a download address (resolved)`),
    ...unchecked.map((name) => `${name} has no checksum (integrity)`),
  ].join('\n')
}
