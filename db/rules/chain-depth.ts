/**
 * How many overlays a disk may have on top of each other, well below what libvirt can start. Measured on libvirt 9.0.0 with
 * QEMU 7.2: a VM starts on 199, in 0.64 s instead of 0.25 s, and takes a snapshot up to there; on 200 libvirt takes no
 * snapshot ("backing chains more than 200 layers deep are not supported") and starts no VM ("too deeply nested").
 */
export const overlaysMax = 64

/**
 * The same for libvirt from 10.8.0 on, which reads JSON with json-c, up to 12.0.0, which lets it nest deeper again: "VMs with
 * more than ~25 external snapshots" do not start there (https://libvirt.org/news.html#v12-0-0-2026-01-15). Measured on
 * 11.3.0 with QEMU 10.0: a chain of 25 files starts, one of 26 does not ("nesting too deep"), the disk as it was made and
 * its base image counted; a VM that took a 25th overlay while it ran is ended by libvirtd's next start.
 */
const overlaysMaxWithJsonC = 20
const jsonC = { since: [10, 8], fixed: [12, 0] } as const

/** The limit for a libvirt, by its version like `9.0.0`. */
export function overlaysMaxOf(libvirtVersion: string): number {
  const [major = 0, minor = 0] = libvirtVersion.split('.').map(Number)
  const isFrom = ([thenMajor, thenMinor]: readonly [number, number]) =>
    major > thenMajor || (major === thenMajor && minor >= thenMinor)
  return isFrom(jsonC.since) && !isFrom(jsonC.fixed) ? overlaysMaxWithJsonC : overlaysMax
}
