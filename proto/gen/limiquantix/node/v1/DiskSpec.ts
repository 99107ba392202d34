// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { DiskBus as _limiquantix_node_v1_DiskBus, DiskBus__Output as _limiquantix_node_v1_DiskBus__Output } from '../../../limiquantix/node/v1/DiskBus.ts';
import type { DiskFormat as _limiquantix_node_v1_DiskFormat, DiskFormat__Output as _limiquantix_node_v1_DiskFormat__Output } from '../../../limiquantix/node/v1/DiskFormat.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * A disk of a VM.
 */
export interface DiskSpec {
  /**
   * Name of the device in the VM, like "vda" or "sda"; empty takes the first free one.
   */
  'id'?: (string);
  /**
   * Empty: the node names the files of its VMs. In AttachDisk it may name a volume that a detach has kept, like
   * "volume-<uuid>.qcow2", which becomes the disk; without size_gib, backing_file and readonly then.
   */
  'path'?: (string);
  /**
   * Size, in GiB; 0 takes the size of the backing file.
   */
  'sizeGib'?: (number | string | Long);
  /**
   * What it is attached to.
   */
  'bus'?: (_limiquantix_node_v1_DiskBus);
  /**
   * Format of its file.
   */
  'format'?: (_limiquantix_node_v1_DiskFormat);
  /**
   * The guest cannot write to it, and snapshots leave it alone.
   */
  'readonly'?: (boolean);
  /**
   * Not looked at: boot_order decides.
   */
  'bootable'?: (boolean);
  /**
   * Most operations per second; 0 sets no limit.
   */
  'iopsLimit'?: (number | string | Long);
  /**
   * Most MiB per second; 0 sets no limit.
   */
  'throughputMbps'?: (number | string | Long);
  /**
   * File name of a base image of the node, of which the disk becomes a copy-on-write clone; empty makes an empty disk.
   */
  'backingFile'?: (string);
  /**
   * Must be empty: the disk lies in the node's own pool.
   */
  'poolId'?: (string);
}

/**
 * A disk of a VM.
 */
export interface DiskSpec__Output {
  /**
   * Name of the device in the VM, like "vda" or "sda"; empty takes the first free one.
   */
  'id': (string);
  /**
   * Empty: the node names the files of its VMs. In AttachDisk it may name a volume that a detach has kept, like
   * "volume-<uuid>.qcow2", which becomes the disk; without size_gib, backing_file and readonly then.
   */
  'path': (string);
  /**
   * Size, in GiB; 0 takes the size of the backing file.
   */
  'sizeGib': (number);
  /**
   * What it is attached to.
   */
  'bus': (_limiquantix_node_v1_DiskBus__Output);
  /**
   * Format of its file.
   */
  'format': (_limiquantix_node_v1_DiskFormat__Output);
  /**
   * The guest cannot write to it, and snapshots leave it alone.
   */
  'readonly': (boolean);
  /**
   * Not looked at: boot_order decides.
   */
  'bootable': (boolean);
  /**
   * Most operations per second; 0 sets no limit.
   */
  'iopsLimit': (number);
  /**
   * Most MiB per second; 0 sets no limit.
   */
  'throughputMbps': (number);
  /**
   * File name of a base image of the node, of which the disk becomes a copy-on-write clone; empty makes an empty disk.
   */
  'backingFile': (string);
  /**
   * Must be empty: the disk lies in the node's own pool.
   */
  'poolId': (string);
}
