import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import type { RunState } from '#worker/hypervisor/port.ts'
import type { Content } from './slots.ts'

/** A node's VMs and their files, as a test sees and changes them behind the hypervisor's back. */
export interface DiskAccess {
  /** Fills a slot of the disk and flushes it, as the guest of a running VM, or as somebody with the file of a stopped one. */
  write(vmId: string, target: string, slot: number, value: number): Promise<void>
  /** What a guest would read from a disk of this file after a power cut: what QEMU has only in memory is missing. */
  read(volume: string): Promise<Content>
  /** The file that has a snapshot's content by now: its row follows a merge with the next delete or revert that succeeds. */
  nameNow(vmId: string, volume: string): Promise<string>
  state(vmId: string): Promise<RunState>
  /** The file that each disk writes to. Throws unless all who have a say in it agree. */
  currentDisks(vmId: string): Promise<SnapshotDisk[]>
  /** The VM's files, each with the one it stands on. */
  files(vmId: string): Promise<ReadonlyMap<string, string | null>>
  /** Throws unless every file of the VM is sound. */
  requireSound(vmId: string): Promise<void>
  /** Something that is another one after every change of the file; null where there is none. */
  digest(volume: string): Promise<string | null>
  /** Changes the UEFI variables of a stopped VM, as its firmware would. */
  changeNvram(vmId: string, value: number): Promise<void>
  suspend(vmId: string): Promise<void>
  resume(vmId: string): Promise<void>
  /** The end of an active VM without a warning, as of a power cut: what QEMU had only in memory is lost. */
  killQemu(vmId: string): Promise<void>
}
