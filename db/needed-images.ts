import type { VmSpec } from './vm-spec.ts'

/** A file that a VM needs in its node's image directory. */
interface NeededImage {
  name: string
  /** Else a base image. */
  iso: boolean
}

/** The images that a spec names, in its order; null where it names none. */
export function neededImages({ disks, cdroms }: Pick<VmSpec, 'disks' | 'cdroms'>): NeededImage[] | null {
  const named = [
    ...disks.map(({ baseImage }) => ({ name: baseImage, iso: false })),
    ...cdroms.map(({ iso }) => ({ name: iso, iso: true })),
  ]
  const needed = named.flatMap(({ name, iso }) => (name ? [{ name, iso }] : []))
  return needed.length > 0 ? needed : null
}
