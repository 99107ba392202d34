export { type LibvirtHost, libvirtAvailable, startLibvirtHost } from '#infra/libvirt-host.ts'
