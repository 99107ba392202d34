import type { HypervFeature, VmSpec } from '#db/vm-spec.ts'
import type { XmlObject } from './render.ts'

/** How often a guest tries to get a spin lock before it tells the hypervisor: what Microsoft and libosinfo recommend. */
const spinlockRetries = 8191

/** https://libvirt.org/formatdomain.html#hypervisor-features */
export const features = ({ hyperv, secureBoot }: Pick<VmSpec, 'hyperv' | 'secureBoot'>): XmlObject => ({
  acpi: {},
  apic: {},
  hyperv:
    hyperv.length === 0
      ? undefined
      : { '@mode': 'custom', ...Object.fromEntries(hyperv.map((name) => [name, enlightenment(name)])) },
  // Only code in system management mode may write to the variables that say whose signatures count.
  smm: secureBoot ? { '@state': 'on' } : undefined,
})

const enlightenment = (name: HypervFeature): XmlObject => ({
  '@state': 'on',
  '@retries': name === 'spinlocks' ? spinlockRetries : undefined,
})
