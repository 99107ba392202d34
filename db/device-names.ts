/** The target of a disk: vda, vdb, … on virtio, and sda, sdb, … on scsi and sata. */
export const diskTargetPattern = /^[sv]da?[a-z]$/
/** The target of a cdrom drive, which is on SATA. */
export const cdromTargetPattern = /^sda?[a-z]$/
/** The address of one network card, in lower case: those with an odd second digit are of many. */
export const macPattern = /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/
/** The name of a bridge of a node: Linux takes 15 bytes (IFNAMSIZ). */
export const bridgePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/
