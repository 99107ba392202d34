// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A node and what it can run.
 */
export interface NodeInfoResponse {
  /**
   * Stable as long as the node keeps its state directory.
   */
  'nodeId'?: (string);
  /**
   * The node's own name.
   */
  'hostname'?: (string);
  /**
   * An address under which the node is reached, not its loopback; empty where it has none.
   */
  'managementIp'?: (string);
  /**
   * Name of the physical CPU; empty where the node does not say.
   */
  'cpuModel'?: (string);
  /**
   * Logical processors.
   */
  'cpuCores'?: (number);
  /**
   * Memory of the node, in bytes.
   */
  'memoryTotalBytes'?: (number | string | Long);
  /**
   * Memory that nothing uses, in bytes.
   */
  'memoryAvailableBytes'?: (number | string | Long);
  /**
   * Name of the operating system, like "Debian GNU/Linux".
   */
  'osName'?: (string);
  /**
   * Its version, like "12".
   */
  'osVersion'?: (string);
  /**
   * Release of the kernel.
   */
  'kernelVersion'?: (string);
  /**
   * How long the node has been up, in seconds.
   */
  'uptimeSeconds'?: (number | string | Long);
  /**
   * "libvirt" or "simulated".
   */
  'hypervisorName'?: (string);
  /**
   * Version of the hypervisor, like "9.0.0"; empty where it does not say.
   */
  'hypervisorVersion'?: (string);
  /**
   * Whether VMs can be moved from here while they run.
   */
  'supportsLiveMigration'?: (boolean);
  /**
   * Whether snapshots can be taken.
   */
  'supportsSnapshots'?: (boolean);
  /**
   * Whether devices can be attached while a VM runs.
   */
  'supportsHotplug'?: (boolean);
  /**
   * Most vCPUs of one VM.
   */
  'maxVcpus'?: (number);
  /**
   * Most memory of one VM, in bytes.
   */
  'maxMemoryBytes'?: (number | string | Long);
}

/**
 * A node and what it can run.
 */
export interface NodeInfoResponse__Output {
  /**
   * Stable as long as the node keeps its state directory.
   */
  'nodeId': (string);
  /**
   * The node's own name.
   */
  'hostname': (string);
  /**
   * An address under which the node is reached, not its loopback; empty where it has none.
   */
  'managementIp': (string);
  /**
   * Name of the physical CPU; empty where the node does not say.
   */
  'cpuModel': (string);
  /**
   * Logical processors.
   */
  'cpuCores': (number);
  /**
   * Memory of the node, in bytes.
   */
  'memoryTotalBytes': (number);
  /**
   * Memory that nothing uses, in bytes.
   */
  'memoryAvailableBytes': (number);
  /**
   * Name of the operating system, like "Debian GNU/Linux".
   */
  'osName': (string);
  /**
   * Its version, like "12".
   */
  'osVersion': (string);
  /**
   * Release of the kernel.
   */
  'kernelVersion': (string);
  /**
   * How long the node has been up, in seconds.
   */
  'uptimeSeconds': (number);
  /**
   * "libvirt" or "simulated".
   */
  'hypervisorName': (string);
  /**
   * Version of the hypervisor, like "9.0.0"; empty where it does not say.
   */
  'hypervisorVersion': (string);
  /**
   * Whether VMs can be moved from here while they run.
   */
  'supportsLiveMigration': (boolean);
  /**
   * Whether snapshots can be taken.
   */
  'supportsSnapshots': (boolean);
  /**
   * Whether devices can be attached while a VM runs.
   */
  'supportsHotplug': (boolean);
  /**
   * Most vCPUs of one VM.
   */
  'maxVcpus': (number);
  /**
   * Most memory of one VM, in bytes.
   */
  'maxMemoryBytes': (number);
}
