/** What an operation that succeeded has to say, beside what became of its VM. */
export interface OperationResult {
  /** Of a resume. */
  clock?: ClockCorrection
  /** Of a delete or a detach that keeps what is on the disks. */
  volumes?: KeptVolume[]
  /** Of a delete of an adopted VM: targets of the disks that others made, which stay where they are. */
  unmanagedDisks?: string[]
}

/** How a guest's clock was set after it had stood still. */
export interface ClockCorrection {
  corrected: boolean
  /** How far it was ahead of its source before (negative: behind); null where it could not be read. */
  offsetSeconds: number | null
  /** What it was set to; null where it was not set. */
  source: 'node' | null
  /** For people. */
  message: string
}

/** A disk that outlived its VM, or its place there. */
export interface KeptVolume {
  /** What the disk was in its VM: `vda`, … */
  target: string
  /** Its name in the node's pool now. */
  volume: string
}
