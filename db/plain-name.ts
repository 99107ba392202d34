/** A name in a node's image directory, or of a libvirt network: never a path, never hidden. */
export const plainNamePattern = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}$/
