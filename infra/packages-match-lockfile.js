import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/**
 * Whether node_modules holds what the lockfile names. npm writes its own record there when an installation has ended
 * well, whoever asked for it; packages of other platforms are missing from it.
 * @param {string} root
 */
export function packagesMatchLockfile(root) {
  const record = path.join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const wanted = readPackages(path.join(root, 'package-lock.json'))
  const installed = readPackages(record)
  return (
    Object.entries(wanted).every(
      ([name, { version, optional }]) =>
        name === '' || (optional && !installed[name]) || installed[name]?.version === version,
    ) && Object.keys(installed).every((name) => name in wanted)
  )
}

/**
 * @param {string} file
 * @returns {Record<string, {version?: string, optional?: boolean}>}
 */
function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}
