/** The name of a VM: a label of a host name, and `.` and `_` besides. */
export const vmNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
/** The name of a snapshot: 1 to 128 printable characters of any language, and no space at its ends. */
export const snapshotNamePattern = /^(?=[^ ])[^\p{C}\p{Zl}\p{Zp}]{1,128}(?<=[^ ])$/u
