/** Lets work on a VM begin, or keeps it back. */
export type Guard = <T>(vmId: string, work: () => Promise<T>) => Promise<T>
