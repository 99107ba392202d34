import { displayTypes, type NicSpec, nicModels, type VmSpec, videoModels } from '#db/vm-spec.ts'
import { childrenOf, find, type XmlElement } from './read.ts'

/** libvirt counts kilobytes of 1000. */
const kilobytesPerMegabit = 125

/** The cards that a spec has words for; the others are left out. */
export const readNics = (devices: XmlElement | undefined): NicSpec[] =>
  childrenOf(devices, 'interface').flatMap(readNic)

function readNic(nic: XmlElement): NicSpec[] {
  const type = nic.attributes.get('type')
  const model = nicModels.find((known) => known === find(nic, 'model')?.attributes.get('type'))
  const source = find(nic, 'source')?.attributes
  const network = type === 'network' ? source?.get('network') : undefined
  const bridge = type === 'bridge' ? source?.get('bridge') : undefined
  const mac = find(nic, 'mac')?.attributes.get('address')?.toLowerCase()
  if (!model || !mac || (network === undefined && bridge === undefined)) return []
  const kilobytes = Number(find(nic, 'bandwidth', 'inbound')?.attributes.get('average')) || 0
  const bandwidthMbps = kilobytes && Math.max(1, Math.round(kilobytes / kilobytesPerMegabit))
  return [
    {
      mac,
      model,
      ...(network !== undefined && { network }),
      ...(bridge !== undefined && { bridge }),
      ...(bandwidthMbps > 0 && { bandwidthMbps }),
    },
  ]
}

/** The first that a spec has a word for. */
export function readDisplay(devices: XmlElement | undefined): VmSpec['display'] {
  const found = childrenOf(devices, 'graphics').map(({ attributes }) => attributes)
  const type = displayTypes.find((known) => found.some((each) => each.get('type') === known)) ?? 'none'
  // Only where the definition was read with its secrets.
  return { type, passwordSet: found.some((each) => each.get('type') === type && each.has('passwd')) }
}

/** The first card; none where a spec has no word for it. */
export function readVideo(devices: XmlElement | undefined): VmSpec['video'] {
  const found = find(devices, 'video', 'model')?.attributes
  const model = videoModels.find((known) => known === found?.get('type')) ?? 'none'
  const memoryKib = Number(found?.get('vram'))
  return { model, ...((model === 'vga' || model === 'qxl') && memoryKib > 0 && { memoryKib }) }
}

/** What every machine has, what the spec says, and what libvirt adds by itself. */
const ordinary: Record<string, (device: XmlElement) => boolean> = {
  emulator: () => true,
  controller: () => true,
  memballoon: () => true,
  console: () => true,
  serial: () => true,
  rng: () => true,
  audio: () => true,
  input: ({ attributes }) => attributes.get('bus') === 'ps2',
  channel: (channel) => find(channel, 'target')?.attributes.get('name') === 'org.qemu.guest_agent.0',
  tpm: (tpm) => find(tpm, 'backend')?.attributes.get('type') === 'emulator',
  // From 9.1 on, libvirt shows the one that q35 has always had.
  watchdog: ({ attributes }) => attributes.get('model') === 'itco',
}

type SaidInSpec = Pick<VmSpec, 'disks' | 'cdroms' | 'nics' | 'display' | 'video' | 'watchdog'>

/** The kinds of devices of which a definition has more than its spec says, in alphabetical order. */
export function unmanagedKinds(domain: XmlElement, spec: SaidInSpec): string[] {
  const devices = find(domain, 'devices')
  const targets = new Set([...spec.disks, ...spec.cdroms].map(({ target }) => target))
  const said: Record<string, number> = {
    interface: spec.nics.length,
    graphics: spec.display.type === 'none' ? 0 : 1,
    video: 1,
    watchdog: spec.watchdog ? 1 : 0,
  }
  const kinds = (devices?.children ?? []).flatMap((device): string[] => {
    const { name, attributes } = device
    if (name === 'disk') {
      const target = find(device, 'target')?.attributes.get('dev') ?? ''
      return targets.has(target) ? [] : [attributes.get('device') ?? 'disk']
    }
    if (ordinary[name]?.(device)) return []
    if (name === 'video' && isForeignVideo(device)) return ['video']
    const left = said[name] ?? 0
    if (left > 0) said[name] = left - 1
    return left > 0 ? [] : [name]
  })
  if (find(domain, 'qemu:commandline')) kinds.push('qemu:commandline')
  return [...new Set(kinds)].sort()
}

const isForeignVideo = (video: XmlElement): boolean =>
  !videoModels.some((known) => known === find(video, 'model')?.attributes.get('type'))
