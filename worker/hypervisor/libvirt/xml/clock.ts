import type { XmlObject } from './render.ts'

/** UTC, with the timers that keep a guest's time right after it was paused (what virt-install sets). */
export const clock = (): XmlObject => ({
  '@offset': 'utc',
  timer: [
    { '@name': 'rtc', '@tickpolicy': 'catchup' },
    { '@name': 'pit', '@tickpolicy': 'delay' },
    { '@name': 'hpet', '@present': 'no' },
  ],
})
