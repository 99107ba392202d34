const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
const step = 1024

/** For people, with three digits. */
export function bytes(count: number): string {
  const power = count < step ? 0 : Math.min(Math.floor(Math.log(count) / Math.log(step)), units.length - 1)
  return power === 0 ? `${count} B` : `${Number((count / step ** power).toPrecision(3))} ${units[power]}`
}

export const mib = (count: number): string => bytes(count * step ** 2)
