/** What the guest needs beyond what every cloud kernel of Debian has built in, ext4 and the serial console among it. */
export const guestModules = [
  'virtio_pci',
  'virtio_blk',
  'virtio_console',
  'virtio_net',
  'virtio_balloon',
  'virtio-rng',
  'isofs',
  'evdev',
  'button',
] as const

/**
 * The files of these modules and of all they stand on, in the order in which they can be loaded, without what the kernel
 * has built in. `modulesDep` is depmod's table: `file: what it needs, nearest first`; `modulesBuiltin` the kernel's own
 * list of files. Throws where a module is missing.
 */
export function loadOrder(
  { modulesDep, modulesBuiltin }: { modulesDep: string; modulesBuiltin: string },
  names: readonly string[],
): string[] {
  const builtIn = new Set(modulesBuiltin.split('\n').map(moduleName))
  const table = new Map(
    modulesDep.split('\n').flatMap((line) => {
      const [file, needs] = line.split(':')
      return file && needs !== undefined ? [[file, needs.split(' ').filter(Boolean)] as const] : []
    }),
  )
  const ordered = names.flatMap((name) => {
    if (builtIn.has(moduleName(name))) return []
    const entry = [...table].find(([file]) => moduleName(file) === moduleName(name))
    if (!entry) throw new Error(`The kernel has no module ${name}`)
    return [...entry[1].toReversed(), entry[0]]
  })
  return [...new Set(ordered)]
}

/** The kernel takes `-` and `_` in a module's name for the same. */
const moduleName = (file: string): string =>
  (file.split('/').at(-1) ?? '').replace(/\.ko(\.\w+)?$/, '').replaceAll('-', '_')
