// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Firmware as _limiquantix_node_v1_Firmware, Firmware__Output as _limiquantix_node_v1_Firmware__Output } from '../../../limiquantix/node/v1/Firmware.ts';
import type { BootDevice as _limiquantix_node_v1_BootDevice, BootDevice__Output as _limiquantix_node_v1_BootDevice__Output } from '../../../limiquantix/node/v1/BootDevice.ts';
import type { DiskSpec as _limiquantix_node_v1_DiskSpec, DiskSpec__Output as _limiquantix_node_v1_DiskSpec__Output } from '../../../limiquantix/node/v1/DiskSpec.ts';
import type { NicSpec as _limiquantix_node_v1_NicSpec, NicSpec__Output as _limiquantix_node_v1_NicSpec__Output } from '../../../limiquantix/node/v1/NicSpec.ts';
import type { CdromSpec as _limiquantix_node_v1_CdromSpec, CdromSpec__Output as _limiquantix_node_v1_CdromSpec__Output } from '../../../limiquantix/node/v1/CdromSpec.ts';
import type { ConsoleSpec as _limiquantix_node_v1_ConsoleSpec, ConsoleSpec__Output as _limiquantix_node_v1_ConsoleSpec__Output } from '../../../limiquantix/node/v1/ConsoleSpec.ts';
import type { CloudInitConfig as _limiquantix_node_v1_CloudInitConfig, CloudInitConfig__Output as _limiquantix_node_v1_CloudInitConfig__Output } from '../../../limiquantix/node/v1/CloudInitConfig.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * What a VM is made of. What is left out is what the guest OS profile says; an enum that is left out has its first value.
 */
export interface VMSpec {
  /**
   * Cores of all sockets together; 0 means 1.
   */
  'cpuCores'?: (number);
  /**
   * Sockets that the cores are spread over; 0 means 1.
   */
  'cpuSockets'?: (number);
  /**
   * Threads of each core; 0 means 1.
   */
  'cpuThreadsPerCore'?: (number);
  /**
   * Memory, in MiB.
   */
  'memoryMib'?: (number | string | Long);
  /**
   * All of the memory in huge pages.
   */
  'memoryHugepages'?: (boolean);
  /**
   * What the VM boots with.
   */
  'firmware'?: (_limiquantix_node_v1_Firmware);
  /**
   * Kinds of devices, tried in this order; empty means disks, then CD drives.
   */
  'bootOrder'?: (_limiquantix_node_v1_BootDevice)[];
  /**
   * The disks.
   */
  'disks'?: (_limiquantix_node_v1_DiskSpec)[];
  /**
   * The network cards.
   */
  'nics'?: (_limiquantix_node_v1_NicSpec)[];
  /**
   * The CD drives.
   */
  'cdroms'?: (_limiquantix_node_v1_CdromSpec)[];
  /**
   * The display; left out means VNC.
   */
  'console'?: (_limiquantix_node_v1_ConsoleSpec | null);
  /**
   * What cloud-init finds at the first boot; left out means nothing. The node keeps it encrypted, and shows it to nobody.
   */
  'cloudInit'?: (_limiquantix_node_v1_CloudInitConfig | null);
  /**
   * Guest OS profile, like "debian" or "win11"; empty means "generic".
   */
  'guestOs'?: (string);
  /**
   * "host-model" (Quantix Flexible) or "host-passthrough" (Quantix Performance); empty means "host-model".
   */
  'cpuMode'?: (string);
}

/**
 * What a VM is made of. What is left out is what the guest OS profile says; an enum that is left out has its first value.
 */
export interface VMSpec__Output {
  /**
   * Cores of all sockets together; 0 means 1.
   */
  'cpuCores': (number);
  /**
   * Sockets that the cores are spread over; 0 means 1.
   */
  'cpuSockets': (number);
  /**
   * Threads of each core; 0 means 1.
   */
  'cpuThreadsPerCore': (number);
  /**
   * Memory, in MiB.
   */
  'memoryMib': (number);
  /**
   * All of the memory in huge pages.
   */
  'memoryHugepages': (boolean);
  /**
   * What the VM boots with.
   */
  'firmware': (_limiquantix_node_v1_Firmware__Output);
  /**
   * Kinds of devices, tried in this order; empty means disks, then CD drives.
   */
  'bootOrder': (_limiquantix_node_v1_BootDevice__Output)[];
  /**
   * The disks.
   */
  'disks': (_limiquantix_node_v1_DiskSpec__Output)[];
  /**
   * The network cards.
   */
  'nics': (_limiquantix_node_v1_NicSpec__Output)[];
  /**
   * The CD drives.
   */
  'cdroms': (_limiquantix_node_v1_CdromSpec__Output)[];
  /**
   * The display; left out means VNC.
   */
  'console': (_limiquantix_node_v1_ConsoleSpec__Output | null);
  /**
   * What cloud-init finds at the first boot; left out means nothing. The node keeps it encrypted, and shows it to nobody.
   */
  'cloudInit': (_limiquantix_node_v1_CloudInitConfig__Output | null);
  /**
   * Guest OS profile, like "debian" or "win11"; empty means "generic".
   */
  'guestOs': (string);
  /**
   * "host-model" (Quantix Flexible) or "host-passthrough" (Quantix Performance); empty means "host-model".
   */
  'cpuMode': (string);
}
