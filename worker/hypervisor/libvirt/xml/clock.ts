import type { XmlObject } from './render.ts'

/**
 * UTC, with the timers that keep a guest's time right after it was paused (what virt-install sets). A pinned TSC frequency
 * lets QEMU save a CPU with an invariant TSC: it refuses to restore it where the frequency would be another.
 */
export const clock = ({ tscFrequencyHz }: { tscFrequencyHz: number | null }): XmlObject => ({
  '@offset': 'utc',
  timer: [
    { '@name': 'rtc', '@tickpolicy': 'catchup' },
    { '@name': 'pit', '@tickpolicy': 'delay' },
    { '@name': 'hpet', '@present': 'no' },
    ...(tscFrequencyHz === null ? [] : [{ '@name': 'tsc', '@frequency': tscFrequencyHz }]),
  ],
})
