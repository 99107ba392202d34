import { asMapping, readYaml } from './read-yaml.ts'

/** The files that cloud-init reads, as users write them. Each problem is a sentence without its subject, and repeats nothing of the text. */

const kib = 1024

/**
 * How cloud-init knows what user-data is (https://docs.cloud-init.io/en/latest/explanation/format.html), then how
 * cloudbase-init does on Windows; either passes over what begins with anything else.
 */
const userDataHeaders = [
  '#cloud-config',
  '#!',
  '#include',
  '#cloud-boothook',
  '#part-handler',
  '## template: jinja',
  '#ps1',
  'rem cmd',
  '<powershell>',
  '<script>',
]

/** Where cloud-init looks for it (cloudinit/user_data.py, convert_string). */
const isMime = (text: string): boolean =>
  text
    .slice(0, 4 * kib)
    .toLowerCase()
    .includes('mime-version:')

const beginsWith = (text: string, header: string): boolean => text.trimStart().toLowerCase().startsWith(header)

/** What is wrong with user-data; null where nothing is. */
export function userDataProblem(text: string): string | null {
  const problem = textProblem(text, 64)
  if (problem !== null) return problem
  if (!isMime(text) && !userDataHeaders.some((header) => beginsWith(text, header))) {
    return 'must begin with #cloud-config, #! or another header of cloud-init, or be a MIME message: cloud-init silently ignores everything else'
  }
  if (!/^\s*#cloud-config\s/i.test(`${text}\n`)) return null
  const read = readYaml(text)
  if ('problem' in read) return read.problem
  return read.value === null || asMapping(read.value) ? null : 'must hold a mapping (key: value) after #cloud-config'
}

/** What is wrong with meta-data; null where nothing is. */
export function metaDataProblem(text: string): string | null {
  const problem = textProblem(text, 16)
  if (problem !== null) return problem
  const read = readYaml(text)
  if ('problem' in read) return read.problem
  return asMapping(read.value) ? null : 'must be a mapping (key: value)'
}

/** Meta-data in which nothing is wrong, as the JSON that is stored. */
export function metaDataJson(text: string): string {
  const read = readYaml(text)
  return JSON.stringify('problem' in read ? {} : asMapping(read.value))
}

/**
 * What is wrong with a network configuration; null where nothing is. cloud-init's own check (DataSourceNoCloud,
 * _maybe_remove_top_network); without a version it takes none of it.
 */
export function networkConfigProblem(text: string): string | null {
  const problem = textProblem(text, 16)
  if (problem !== null) return problem
  const read = readYaml(text)
  if ('problem' in read) return read.problem
  const root = asMapping(read.value)
  const network = asMapping(root?.network) ?? root
  if (network?.version === 1 || network?.version === 2 || network?.config === 'disabled') return null
  return 'must be a mapping with version: 1 or version: 2: cloud-init silently ignores everything else'
}

/** The size is that of UTF-8. */
function textProblem(text: string, mostKib: number): string | null {
  if (new TextEncoder().encode(text).length > mostKib * kib) return `must have at most ${mostKib} KiB`
  return text.isWellFormed() && !text.includes('\0') ? null : 'must be text without NUL'
}
