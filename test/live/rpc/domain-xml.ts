/** The smallest domain that starts without KVM; nothing ever runs in it. */
export function domainXml(name: string, disk?: string): string {
  const devices = disk
    ? `<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${disk}'/><target dev='vda' bus='virtio'/></disk></devices>`
    : ''
  return `<domain type='qemu'>
  <name>${name}</name>
  <memory unit='MiB'>64</memory>
  <os><type machine='q35'>hvm</type></os>
  ${devices}
</domain>`
}
