/** The name in a node's pool of a disk that outlived its VM, or its place there: never a path. */
export const keptVolumePattern = /^volume-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.qcow2$/
