import type { ClockSpec } from '#db/vm-spec.ts'
import type { XmlObject } from './render.ts'

interface ClockParameters {
  clock: ClockSpec
  tscFrequencyHz: number | null
}

const presence = (present: boolean): 'yes' | 'no' => (present ? 'yes' : 'no')

/**
 * The timers, with the policies that keep a guest's time right after it was paused (what virt-install sets). A pinned TSC
 * frequency lets QEMU save a CPU with an invariant TSC: it refuses to restore it where the frequency would be another.
 */
export const clock = ({ clock, tscFrequencyHz }: ClockParameters): XmlObject => ({
  '@offset': clock.offset,
  timer: [
    { '@name': 'rtc', '@tickpolicy': 'catchup' },
    { '@name': 'pit', '@tickpolicy': 'delay' },
    { '@name': 'hpet', '@present': presence(clock.hpet) },
    { '@name': 'kvmclock', '@present': presence(clock.kvmclock) },
    { '@name': 'hypervclock', '@present': presence(clock.hypervclock) },
    ...(tscFrequencyHz === null ? [] : [{ '@name': 'tsc', '@frequency': tscFrequencyHz }]),
  ],
})
