// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AgentPingResponse as _limiquantix_node_v1_AgentPingResponse, AgentPingResponse__Output as _limiquantix_node_v1_AgentPingResponse__Output } from '../../../limiquantix/node/v1/AgentPingResponse.ts';
import type { AttachDiskRequest as _limiquantix_node_v1_AttachDiskRequest, AttachDiskRequest__Output as _limiquantix_node_v1_AttachDiskRequest__Output } from '../../../limiquantix/node/v1/AttachDiskRequest.ts';
import type { AttachNICRequest as _limiquantix_node_v1_AttachNICRequest, AttachNICRequest__Output as _limiquantix_node_v1_AttachNICRequest__Output } from '../../../limiquantix/node/v1/AttachNICRequest.ts';
import type { ChangeMediaRequest as _limiquantix_node_v1_ChangeMediaRequest, ChangeMediaRequest__Output as _limiquantix_node_v1_ChangeMediaRequest__Output } from '../../../limiquantix/node/v1/ChangeMediaRequest.ts';
import type { CloneVolumeRequest as _limiquantix_node_v1_CloneVolumeRequest, CloneVolumeRequest__Output as _limiquantix_node_v1_CloneVolumeRequest__Output } from '../../../limiquantix/node/v1/CloneVolumeRequest.ts';
import type { ConsoleInfoResponse as _limiquantix_node_v1_ConsoleInfoResponse, ConsoleInfoResponse__Output as _limiquantix_node_v1_ConsoleInfoResponse__Output } from '../../../limiquantix/node/v1/ConsoleInfoResponse.ts';
import type { CreateSnapshotRequest as _limiquantix_node_v1_CreateSnapshotRequest, CreateSnapshotRequest__Output as _limiquantix_node_v1_CreateSnapshotRequest__Output } from '../../../limiquantix/node/v1/CreateSnapshotRequest.ts';
import type { CreateVMOnNodeRequest as _limiquantix_node_v1_CreateVMOnNodeRequest, CreateVMOnNodeRequest__Output as _limiquantix_node_v1_CreateVMOnNodeRequest__Output } from '../../../limiquantix/node/v1/CreateVMOnNodeRequest.ts';
import type { CreateVMOnNodeResponse as _limiquantix_node_v1_CreateVMOnNodeResponse, CreateVMOnNodeResponse__Output as _limiquantix_node_v1_CreateVMOnNodeResponse__Output } from '../../../limiquantix/node/v1/CreateVMOnNodeResponse.ts';
import type { CreateVolumeRequest as _limiquantix_node_v1_CreateVolumeRequest, CreateVolumeRequest__Output as _limiquantix_node_v1_CreateVolumeRequest__Output } from '../../../limiquantix/node/v1/CreateVolumeRequest.ts';
import type { CreateVolumeSnapshotRequest as _limiquantix_node_v1_CreateVolumeSnapshotRequest, CreateVolumeSnapshotRequest__Output as _limiquantix_node_v1_CreateVolumeSnapshotRequest__Output } from '../../../limiquantix/node/v1/CreateVolumeSnapshotRequest.ts';
import type { DeleteSnapshotRequest as _limiquantix_node_v1_DeleteSnapshotRequest, DeleteSnapshotRequest__Output as _limiquantix_node_v1_DeleteSnapshotRequest__Output } from '../../../limiquantix/node/v1/DeleteSnapshotRequest.ts';
import type { DetachDiskRequest as _limiquantix_node_v1_DetachDiskRequest, DetachDiskRequest__Output as _limiquantix_node_v1_DetachDiskRequest__Output } from '../../../limiquantix/node/v1/DetachDiskRequest.ts';
import type { DetachNICRequest as _limiquantix_node_v1_DetachNICRequest, DetachNICRequest__Output as _limiquantix_node_v1_DetachNICRequest__Output } from '../../../limiquantix/node/v1/DetachNICRequest.ts';
import type { Empty as _google_protobuf_Empty, Empty__Output as _google_protobuf_Empty__Output } from '../../../google/protobuf/Empty.ts';
import type { ExecuteInGuestRequest as _limiquantix_node_v1_ExecuteInGuestRequest, ExecuteInGuestRequest__Output as _limiquantix_node_v1_ExecuteInGuestRequest__Output } from '../../../limiquantix/node/v1/ExecuteInGuestRequest.ts';
import type { ExecuteInGuestResponse as _limiquantix_node_v1_ExecuteInGuestResponse, ExecuteInGuestResponse__Output as _limiquantix_node_v1_ExecuteInGuestResponse__Output } from '../../../limiquantix/node/v1/ExecuteInGuestResponse.ts';
import type { GetVMLogsRequest as _limiquantix_node_v1_GetVMLogsRequest, GetVMLogsRequest__Output as _limiquantix_node_v1_GetVMLogsRequest__Output } from '../../../limiquantix/node/v1/GetVMLogsRequest.ts';
import type { GetVMLogsResponse as _limiquantix_node_v1_GetVMLogsResponse, GetVMLogsResponse__Output as _limiquantix_node_v1_GetVMLogsResponse__Output } from '../../../limiquantix/node/v1/GetVMLogsResponse.ts';
import type { GuestShutdownRequest as _limiquantix_node_v1_GuestShutdownRequest, GuestShutdownRequest__Output as _limiquantix_node_v1_GuestShutdownRequest__Output } from '../../../limiquantix/node/v1/GuestShutdownRequest.ts';
import type { GuestShutdownResponse as _limiquantix_node_v1_GuestShutdownResponse, GuestShutdownResponse__Output as _limiquantix_node_v1_GuestShutdownResponse__Output } from '../../../limiquantix/node/v1/GuestShutdownResponse.ts';
import type { HealthCheckRequest as _limiquantix_node_v1_HealthCheckRequest, HealthCheckRequest__Output as _limiquantix_node_v1_HealthCheckRequest__Output } from '../../../limiquantix/node/v1/HealthCheckRequest.ts';
import type { HealthCheckResponse as _limiquantix_node_v1_HealthCheckResponse, HealthCheckResponse__Output as _limiquantix_node_v1_HealthCheckResponse__Output } from '../../../limiquantix/node/v1/HealthCheckResponse.ts';
import type { InitStoragePoolRequest as _limiquantix_node_v1_InitStoragePoolRequest, InitStoragePoolRequest__Output as _limiquantix_node_v1_InitStoragePoolRequest__Output } from '../../../limiquantix/node/v1/InitStoragePoolRequest.ts';
import type { ListImagesResponse as _limiquantix_node_v1_ListImagesResponse, ListImagesResponse__Output as _limiquantix_node_v1_ListImagesResponse__Output } from '../../../limiquantix/node/v1/ListImagesResponse.ts';
import type { ListSnapshotsResponse as _limiquantix_node_v1_ListSnapshotsResponse, ListSnapshotsResponse__Output as _limiquantix_node_v1_ListSnapshotsResponse__Output } from '../../../limiquantix/node/v1/ListSnapshotsResponse.ts';
import type { ListStoragePoolFilesRequest as _limiquantix_node_v1_ListStoragePoolFilesRequest, ListStoragePoolFilesRequest__Output as _limiquantix_node_v1_ListStoragePoolFilesRequest__Output } from '../../../limiquantix/node/v1/ListStoragePoolFilesRequest.ts';
import type { ListStoragePoolFilesResponse as _limiquantix_node_v1_ListStoragePoolFilesResponse, ListStoragePoolFilesResponse__Output as _limiquantix_node_v1_ListStoragePoolFilesResponse__Output } from '../../../limiquantix/node/v1/ListStoragePoolFilesResponse.ts';
import type { ListStoragePoolsResponse as _limiquantix_node_v1_ListStoragePoolsResponse, ListStoragePoolsResponse__Output as _limiquantix_node_v1_ListStoragePoolsResponse__Output } from '../../../limiquantix/node/v1/ListStoragePoolsResponse.ts';
import type { ListVMsOnNodeResponse as _limiquantix_node_v1_ListVMsOnNodeResponse, ListVMsOnNodeResponse__Output as _limiquantix_node_v1_ListVMsOnNodeResponse__Output } from '../../../limiquantix/node/v1/ListVMsOnNodeResponse.ts';
import type { ListVolumesRequest as _limiquantix_node_v1_ListVolumesRequest, ListVolumesRequest__Output as _limiquantix_node_v1_ListVolumesRequest__Output } from '../../../limiquantix/node/v1/ListVolumesRequest.ts';
import type { ListVolumesResponse as _limiquantix_node_v1_ListVolumesResponse, ListVolumesResponse__Output as _limiquantix_node_v1_ListVolumesResponse__Output } from '../../../limiquantix/node/v1/ListVolumesResponse.ts';
import type { NodeEvent as _limiquantix_node_v1_NodeEvent, NodeEvent__Output as _limiquantix_node_v1_NodeEvent__Output } from '../../../limiquantix/node/v1/NodeEvent.ts';
import type { NodeInfoResponse as _limiquantix_node_v1_NodeInfoResponse, NodeInfoResponse__Output as _limiquantix_node_v1_NodeInfoResponse__Output } from '../../../limiquantix/node/v1/NodeInfoResponse.ts';
import type { NodeMetrics as _limiquantix_node_v1_NodeMetrics, NodeMetrics__Output as _limiquantix_node_v1_NodeMetrics__Output } from '../../../limiquantix/node/v1/NodeMetrics.ts';
import type { QuiesceFilesystemsRequest as _limiquantix_node_v1_QuiesceFilesystemsRequest, QuiesceFilesystemsRequest__Output as _limiquantix_node_v1_QuiesceFilesystemsRequest__Output } from '../../../limiquantix/node/v1/QuiesceFilesystemsRequest.ts';
import type { QuiesceFilesystemsResponse as _limiquantix_node_v1_QuiesceFilesystemsResponse, QuiesceFilesystemsResponse__Output as _limiquantix_node_v1_QuiesceFilesystemsResponse__Output } from '../../../limiquantix/node/v1/QuiesceFilesystemsResponse.ts';
import type { ReadGuestFileRequest as _limiquantix_node_v1_ReadGuestFileRequest, ReadGuestFileRequest__Output as _limiquantix_node_v1_ReadGuestFileRequest__Output } from '../../../limiquantix/node/v1/ReadGuestFileRequest.ts';
import type { ReadGuestFileResponse as _limiquantix_node_v1_ReadGuestFileResponse, ReadGuestFileResponse__Output as _limiquantix_node_v1_ReadGuestFileResponse__Output } from '../../../limiquantix/node/v1/ReadGuestFileResponse.ts';
import type { ResizeVolumeRequest as _limiquantix_node_v1_ResizeVolumeRequest, ResizeVolumeRequest__Output as _limiquantix_node_v1_ResizeVolumeRequest__Output } from '../../../limiquantix/node/v1/ResizeVolumeRequest.ts';
import type { RevertSnapshotRequest as _limiquantix_node_v1_RevertSnapshotRequest, RevertSnapshotRequest__Output as _limiquantix_node_v1_RevertSnapshotRequest__Output } from '../../../limiquantix/node/v1/RevertSnapshotRequest.ts';
import type { SnapshotResponse as _limiquantix_node_v1_SnapshotResponse, SnapshotResponse__Output as _limiquantix_node_v1_SnapshotResponse__Output } from '../../../limiquantix/node/v1/SnapshotResponse.ts';
import type { StopVMRequest as _limiquantix_node_v1_StopVMRequest, StopVMRequest__Output as _limiquantix_node_v1_StopVMRequest__Output } from '../../../limiquantix/node/v1/StopVMRequest.ts';
import type { StoragePoolIdRequest as _limiquantix_node_v1_StoragePoolIdRequest, StoragePoolIdRequest__Output as _limiquantix_node_v1_StoragePoolIdRequest__Output } from '../../../limiquantix/node/v1/StoragePoolIdRequest.ts';
import type { StoragePoolInfoResponse as _limiquantix_node_v1_StoragePoolInfoResponse, StoragePoolInfoResponse__Output as _limiquantix_node_v1_StoragePoolInfoResponse__Output } from '../../../limiquantix/node/v1/StoragePoolInfoResponse.ts';
import type { StreamMetricsRequest as _limiquantix_node_v1_StreamMetricsRequest, StreamMetricsRequest__Output as _limiquantix_node_v1_StreamMetricsRequest__Output } from '../../../limiquantix/node/v1/StreamMetricsRequest.ts';
import type { SyncTimeRequest as _limiquantix_node_v1_SyncTimeRequest, SyncTimeRequest__Output as _limiquantix_node_v1_SyncTimeRequest__Output } from '../../../limiquantix/node/v1/SyncTimeRequest.ts';
import type { SyncTimeResponse as _limiquantix_node_v1_SyncTimeResponse, SyncTimeResponse__Output as _limiquantix_node_v1_SyncTimeResponse__Output } from '../../../limiquantix/node/v1/SyncTimeResponse.ts';
import type { ThawFilesystemsRequest as _limiquantix_node_v1_ThawFilesystemsRequest, ThawFilesystemsRequest__Output as _limiquantix_node_v1_ThawFilesystemsRequest__Output } from '../../../limiquantix/node/v1/ThawFilesystemsRequest.ts';
import type { ThawFilesystemsResponse as _limiquantix_node_v1_ThawFilesystemsResponse, ThawFilesystemsResponse__Output as _limiquantix_node_v1_ThawFilesystemsResponse__Output } from '../../../limiquantix/node/v1/ThawFilesystemsResponse.ts';
import type { VMIdRequest as _limiquantix_node_v1_VMIdRequest, VMIdRequest__Output as _limiquantix_node_v1_VMIdRequest__Output } from '../../../limiquantix/node/v1/VMIdRequest.ts';
import type { VMStatusResponse as _limiquantix_node_v1_VMStatusResponse, VMStatusResponse__Output as _limiquantix_node_v1_VMStatusResponse__Output } from '../../../limiquantix/node/v1/VMStatusResponse.ts';
import type { VolumeAttachInfoResponse as _limiquantix_node_v1_VolumeAttachInfoResponse, VolumeAttachInfoResponse__Output as _limiquantix_node_v1_VolumeAttachInfoResponse__Output } from '../../../limiquantix/node/v1/VolumeAttachInfoResponse.ts';
import type { VolumeIdRequest as _limiquantix_node_v1_VolumeIdRequest, VolumeIdRequest__Output as _limiquantix_node_v1_VolumeIdRequest__Output } from '../../../limiquantix/node/v1/VolumeIdRequest.ts';
import type { VolumeInfoResponse as _limiquantix_node_v1_VolumeInfoResponse, VolumeInfoResponse__Output as _limiquantix_node_v1_VolumeInfoResponse__Output } from '../../../limiquantix/node/v1/VolumeInfoResponse.ts';
import type { WriteGuestFileRequest as _limiquantix_node_v1_WriteGuestFileRequest, WriteGuestFileRequest__Output as _limiquantix_node_v1_WriteGuestFileRequest__Output } from '../../../limiquantix/node/v1/WriteGuestFileRequest.ts';
import type { WriteGuestFileResponse as _limiquantix_node_v1_WriteGuestFileResponse, WriteGuestFileResponse__Output as _limiquantix_node_v1_WriteGuestFileResponse__Output } from '../../../limiquantix/node/v1/WriteGuestFileResponse.ts';

/**
 * What one hypervisor node does for whoever controls it. An error carries a google.rpc.ErrorInfo with a stable reason. A
 * call whose deadline passes stops waiting; the work that it began goes on, and the VM's status tells of it.
 */
export interface NodeDaemonServiceClient extends grpc.Client {
  /**
   * Attaches a disk: an empty one, a clone of an image, or a volume that was kept. A running VM has it at once; those on SATA come only to a stopped one.
   */
  AttachDisk(argument: _limiquantix_node_v1_AttachDiskRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  AttachDisk(argument: _limiquantix_node_v1_AttachDiskRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  AttachDisk(argument: _limiquantix_node_v1_AttachDiskRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  AttachDisk(argument: _limiquantix_node_v1_AttachDiskRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Attaches a disk: an empty one, a clone of an image, or a volume that was kept. A running VM has it at once; those on SATA come only to a stopped one.
   */
  attachDisk(argument: _limiquantix_node_v1_AttachDiskRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  attachDisk(argument: _limiquantix_node_v1_AttachDiskRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  attachDisk(argument: _limiquantix_node_v1_AttachDiskRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  attachDisk(argument: _limiquantix_node_v1_AttachDiskRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Attaches a network card.
   */
  AttachNIC(argument: _limiquantix_node_v1_AttachNICRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  AttachNIC(argument: _limiquantix_node_v1_AttachNICRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  AttachNIC(argument: _limiquantix_node_v1_AttachNICRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  AttachNIC(argument: _limiquantix_node_v1_AttachNICRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Attaches a network card.
   */
  attachNic(argument: _limiquantix_node_v1_AttachNICRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  attachNic(argument: _limiquantix_node_v1_AttachNICRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  attachNic(argument: _limiquantix_node_v1_AttachNICRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  attachNic(argument: _limiquantix_node_v1_AttachNICRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Puts another image into a CD drive, or ejects it. A drive that its guest has locked stays as it is.
   */
  ChangeMedia(argument: _limiquantix_node_v1_ChangeMediaRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  ChangeMedia(argument: _limiquantix_node_v1_ChangeMediaRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  ChangeMedia(argument: _limiquantix_node_v1_ChangeMediaRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  ChangeMedia(argument: _limiquantix_node_v1_ChangeMediaRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Puts another image into a CD drive, or ejects it. A drive that its guest has locked stays as it is.
   */
  changeMedia(argument: _limiquantix_node_v1_ChangeMediaRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  changeMedia(argument: _limiquantix_node_v1_ChangeMediaRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  changeMedia(argument: _limiquantix_node_v1_ChangeMediaRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  changeMedia(argument: _limiquantix_node_v1_ChangeMediaRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Copies a volume.
   */
  CloneVolume(argument: _limiquantix_node_v1_CloneVolumeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  CloneVolume(argument: _limiquantix_node_v1_CloneVolumeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  CloneVolume(argument: _limiquantix_node_v1_CloneVolumeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  CloneVolume(argument: _limiquantix_node_v1_CloneVolumeRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Copies a volume.
   */
  cloneVolume(argument: _limiquantix_node_v1_CloneVolumeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  cloneVolume(argument: _limiquantix_node_v1_CloneVolumeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  cloneVolume(argument: _limiquantix_node_v1_CloneVolumeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  cloneVolume(argument: _limiquantix_node_v1_CloneVolumeRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Takes a snapshot: of a stopped VM its disks, of a running one its disks, or its disks and its memory.
   */
  CreateSnapshot(argument: _limiquantix_node_v1_CreateSnapshotRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_SnapshotResponse__Output>): grpc.ClientUnaryCall;
  CreateSnapshot(argument: _limiquantix_node_v1_CreateSnapshotRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_SnapshotResponse__Output>): grpc.ClientUnaryCall;
  CreateSnapshot(argument: _limiquantix_node_v1_CreateSnapshotRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_SnapshotResponse__Output>): grpc.ClientUnaryCall;
  CreateSnapshot(argument: _limiquantix_node_v1_CreateSnapshotRequest, callback: grpc.requestCallback<_limiquantix_node_v1_SnapshotResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Takes a snapshot: of a stopped VM its disks, of a running one its disks, or its disks and its memory.
   */
  createSnapshot(argument: _limiquantix_node_v1_CreateSnapshotRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_SnapshotResponse__Output>): grpc.ClientUnaryCall;
  createSnapshot(argument: _limiquantix_node_v1_CreateSnapshotRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_SnapshotResponse__Output>): grpc.ClientUnaryCall;
  createSnapshot(argument: _limiquantix_node_v1_CreateSnapshotRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_SnapshotResponse__Output>): grpc.ClientUnaryCall;
  createSnapshot(argument: _limiquantix_node_v1_CreateSnapshotRequest, callback: grpc.requestCallback<_limiquantix_node_v1_SnapshotResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Makes a VM, and does not start it. The same request again finds the VM made.
   */
  CreateVM(argument: _limiquantix_node_v1_CreateVMOnNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_CreateVMOnNodeResponse__Output>): grpc.ClientUnaryCall;
  CreateVM(argument: _limiquantix_node_v1_CreateVMOnNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_CreateVMOnNodeResponse__Output>): grpc.ClientUnaryCall;
  CreateVM(argument: _limiquantix_node_v1_CreateVMOnNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_CreateVMOnNodeResponse__Output>): grpc.ClientUnaryCall;
  CreateVM(argument: _limiquantix_node_v1_CreateVMOnNodeRequest, callback: grpc.requestCallback<_limiquantix_node_v1_CreateVMOnNodeResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Makes a VM, and does not start it. The same request again finds the VM made.
   */
  createVm(argument: _limiquantix_node_v1_CreateVMOnNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_CreateVMOnNodeResponse__Output>): grpc.ClientUnaryCall;
  createVm(argument: _limiquantix_node_v1_CreateVMOnNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_CreateVMOnNodeResponse__Output>): grpc.ClientUnaryCall;
  createVm(argument: _limiquantix_node_v1_CreateVMOnNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_CreateVMOnNodeResponse__Output>): grpc.ClientUnaryCall;
  createVm(argument: _limiquantix_node_v1_CreateVMOnNodeRequest, callback: grpc.requestCallback<_limiquantix_node_v1_CreateVMOnNodeResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Makes a volume: empty, or from an image, another volume or a snapshot.
   */
  CreateVolume(argument: _limiquantix_node_v1_CreateVolumeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeInfoResponse__Output>): grpc.ClientUnaryCall;
  CreateVolume(argument: _limiquantix_node_v1_CreateVolumeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeInfoResponse__Output>): grpc.ClientUnaryCall;
  CreateVolume(argument: _limiquantix_node_v1_CreateVolumeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeInfoResponse__Output>): grpc.ClientUnaryCall;
  CreateVolume(argument: _limiquantix_node_v1_CreateVolumeRequest, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeInfoResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Makes a volume: empty, or from an image, another volume or a snapshot.
   */
  createVolume(argument: _limiquantix_node_v1_CreateVolumeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeInfoResponse__Output>): grpc.ClientUnaryCall;
  createVolume(argument: _limiquantix_node_v1_CreateVolumeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeInfoResponse__Output>): grpc.ClientUnaryCall;
  createVolume(argument: _limiquantix_node_v1_CreateVolumeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeInfoResponse__Output>): grpc.ClientUnaryCall;
  createVolume(argument: _limiquantix_node_v1_CreateVolumeRequest, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeInfoResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Takes a snapshot of a volume that no VM writes to.
   */
  CreateVolumeSnapshot(argument: _limiquantix_node_v1_CreateVolumeSnapshotRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  CreateVolumeSnapshot(argument: _limiquantix_node_v1_CreateVolumeSnapshotRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  CreateVolumeSnapshot(argument: _limiquantix_node_v1_CreateVolumeSnapshotRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  CreateVolumeSnapshot(argument: _limiquantix_node_v1_CreateVolumeSnapshotRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Takes a snapshot of a volume that no VM writes to.
   */
  createVolumeSnapshot(argument: _limiquantix_node_v1_CreateVolumeSnapshotRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  createVolumeSnapshot(argument: _limiquantix_node_v1_CreateVolumeSnapshotRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  createVolumeSnapshot(argument: _limiquantix_node_v1_CreateVolumeSnapshotRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  createVolumeSnapshot(argument: _limiquantix_node_v1_CreateVolumeSnapshotRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Removes a snapshot. What the VM and its other snapshots need of it stays.
   */
  DeleteSnapshot(argument: _limiquantix_node_v1_DeleteSnapshotRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteSnapshot(argument: _limiquantix_node_v1_DeleteSnapshotRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteSnapshot(argument: _limiquantix_node_v1_DeleteSnapshotRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteSnapshot(argument: _limiquantix_node_v1_DeleteSnapshotRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Removes a snapshot. What the VM and its other snapshots need of it stays.
   */
  deleteSnapshot(argument: _limiquantix_node_v1_DeleteSnapshotRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteSnapshot(argument: _limiquantix_node_v1_DeleteSnapshotRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteSnapshot(argument: _limiquantix_node_v1_DeleteSnapshotRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteSnapshot(argument: _limiquantix_node_v1_DeleteSnapshotRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Removes a stopped VM with its disks and snapshots.
   */
  DeleteVM(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteVM(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteVM(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteVM(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Removes a stopped VM with its disks and snapshots.
   */
  deleteVm(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteVm(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteVm(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteVm(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Removes a volume that no VM uses.
   */
  DeleteVolume(argument: _limiquantix_node_v1_VolumeIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteVolume(argument: _limiquantix_node_v1_VolumeIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteVolume(argument: _limiquantix_node_v1_VolumeIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DeleteVolume(argument: _limiquantix_node_v1_VolumeIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Removes a volume that no VM uses.
   */
  deleteVolume(argument: _limiquantix_node_v1_VolumeIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteVolume(argument: _limiquantix_node_v1_VolumeIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteVolume(argument: _limiquantix_node_v1_VolumeIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  deleteVolume(argument: _limiquantix_node_v1_VolumeIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Takes a storage pool off this node; what is in it stays.
   */
  DestroyStoragePool(argument: _limiquantix_node_v1_StoragePoolIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DestroyStoragePool(argument: _limiquantix_node_v1_StoragePoolIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DestroyStoragePool(argument: _limiquantix_node_v1_StoragePoolIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DestroyStoragePool(argument: _limiquantix_node_v1_StoragePoolIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Takes a storage pool off this node; what is in it stays.
   */
  destroyStoragePool(argument: _limiquantix_node_v1_StoragePoolIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  destroyStoragePool(argument: _limiquantix_node_v1_StoragePoolIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  destroyStoragePool(argument: _limiquantix_node_v1_StoragePoolIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  destroyStoragePool(argument: _limiquantix_node_v1_StoragePoolIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Detaches a disk, when the guest of a running VM has let go of it. What is on it is kept, as a file in the node's pool.
   */
  DetachDisk(argument: _limiquantix_node_v1_DetachDiskRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DetachDisk(argument: _limiquantix_node_v1_DetachDiskRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DetachDisk(argument: _limiquantix_node_v1_DetachDiskRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DetachDisk(argument: _limiquantix_node_v1_DetachDiskRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Detaches a disk, when the guest of a running VM has let go of it. What is on it is kept, as a file in the node's pool.
   */
  detachDisk(argument: _limiquantix_node_v1_DetachDiskRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  detachDisk(argument: _limiquantix_node_v1_DetachDiskRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  detachDisk(argument: _limiquantix_node_v1_DetachDiskRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  detachDisk(argument: _limiquantix_node_v1_DetachDiskRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Detaches a network card, when the guest of a running VM has let go of it.
   */
  DetachNIC(argument: _limiquantix_node_v1_DetachNICRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DetachNIC(argument: _limiquantix_node_v1_DetachNICRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DetachNIC(argument: _limiquantix_node_v1_DetachNICRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  DetachNIC(argument: _limiquantix_node_v1_DetachNICRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Detaches a network card, when the guest of a running VM has let go of it.
   */
  detachNic(argument: _limiquantix_node_v1_DetachNICRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  detachNic(argument: _limiquantix_node_v1_DetachNICRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  detachNic(argument: _limiquantix_node_v1_DetachNICRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  detachNic(argument: _limiquantix_node_v1_DetachNICRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Runs a program in the guest.
   */
  ExecuteInGuest(argument: _limiquantix_node_v1_ExecuteInGuestRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ExecuteInGuestResponse__Output>): grpc.ClientUnaryCall;
  ExecuteInGuest(argument: _limiquantix_node_v1_ExecuteInGuestRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ExecuteInGuestResponse__Output>): grpc.ClientUnaryCall;
  ExecuteInGuest(argument: _limiquantix_node_v1_ExecuteInGuestRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ExecuteInGuestResponse__Output>): grpc.ClientUnaryCall;
  ExecuteInGuest(argument: _limiquantix_node_v1_ExecuteInGuestRequest, callback: grpc.requestCallback<_limiquantix_node_v1_ExecuteInGuestResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Runs a program in the guest.
   */
  executeInGuest(argument: _limiquantix_node_v1_ExecuteInGuestRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ExecuteInGuestResponse__Output>): grpc.ClientUnaryCall;
  executeInGuest(argument: _limiquantix_node_v1_ExecuteInGuestRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ExecuteInGuestResponse__Output>): grpc.ClientUnaryCall;
  executeInGuest(argument: _limiquantix_node_v1_ExecuteInGuestRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ExecuteInGuestResponse__Output>): grpc.ClientUnaryCall;
  executeInGuest(argument: _limiquantix_node_v1_ExecuteInGuestRequest, callback: grpc.requestCallback<_limiquantix_node_v1_ExecuteInGuestResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Takes the power away, also from a VM whose guest is being asked to shut down.
   */
  ForceStopVM(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  ForceStopVM(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  ForceStopVM(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  ForceStopVM(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Takes the power away, also from a VM whose guest is being asked to shut down.
   */
  forceStopVm(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  forceStopVm(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  forceStopVm(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  forceStopVm(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Where the display of a running VM can be reached.
   */
  GetConsole(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ConsoleInfoResponse__Output>): grpc.ClientUnaryCall;
  GetConsole(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ConsoleInfoResponse__Output>): grpc.ClientUnaryCall;
  GetConsole(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ConsoleInfoResponse__Output>): grpc.ClientUnaryCall;
  GetConsole(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_limiquantix_node_v1_ConsoleInfoResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Where the display of a running VM can be reached.
   */
  getConsole(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ConsoleInfoResponse__Output>): grpc.ClientUnaryCall;
  getConsole(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ConsoleInfoResponse__Output>): grpc.ClientUnaryCall;
  getConsole(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ConsoleInfoResponse__Output>): grpc.ClientUnaryCall;
  getConsole(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_limiquantix_node_v1_ConsoleInfoResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * What the node is, and what it can run.
   */
  GetNodeInfo(argument: _google_protobuf_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_NodeInfoResponse__Output>): grpc.ClientUnaryCall;
  GetNodeInfo(argument: _google_protobuf_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_NodeInfoResponse__Output>): grpc.ClientUnaryCall;
  GetNodeInfo(argument: _google_protobuf_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_NodeInfoResponse__Output>): grpc.ClientUnaryCall;
  GetNodeInfo(argument: _google_protobuf_Empty, callback: grpc.requestCallback<_limiquantix_node_v1_NodeInfoResponse__Output>): grpc.ClientUnaryCall;
  /**
   * What the node is, and what it can run.
   */
  getNodeInfo(argument: _google_protobuf_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_NodeInfoResponse__Output>): grpc.ClientUnaryCall;
  getNodeInfo(argument: _google_protobuf_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_NodeInfoResponse__Output>): grpc.ClientUnaryCall;
  getNodeInfo(argument: _google_protobuf_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_NodeInfoResponse__Output>): grpc.ClientUnaryCall;
  getNodeInfo(argument: _google_protobuf_Empty, callback: grpc.requestCallback<_limiquantix_node_v1_NodeInfoResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The state of a storage pool.
   */
  GetStoragePoolInfo(argument: _limiquantix_node_v1_StoragePoolIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  GetStoragePoolInfo(argument: _limiquantix_node_v1_StoragePoolIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  GetStoragePoolInfo(argument: _limiquantix_node_v1_StoragePoolIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  GetStoragePoolInfo(argument: _limiquantix_node_v1_StoragePoolIdRequest, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The state of a storage pool.
   */
  getStoragePoolInfo(argument: _limiquantix_node_v1_StoragePoolIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  getStoragePoolInfo(argument: _limiquantix_node_v1_StoragePoolIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  getStoragePoolInfo(argument: _limiquantix_node_v1_StoragePoolIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  getStoragePoolInfo(argument: _limiquantix_node_v1_StoragePoolIdRequest, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The last lines that QEMU wrote about a VM.
   */
  GetVMLogs(argument: _limiquantix_node_v1_GetVMLogsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_GetVMLogsResponse__Output>): grpc.ClientUnaryCall;
  GetVMLogs(argument: _limiquantix_node_v1_GetVMLogsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_GetVMLogsResponse__Output>): grpc.ClientUnaryCall;
  GetVMLogs(argument: _limiquantix_node_v1_GetVMLogsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_GetVMLogsResponse__Output>): grpc.ClientUnaryCall;
  GetVMLogs(argument: _limiquantix_node_v1_GetVMLogsRequest, callback: grpc.requestCallback<_limiquantix_node_v1_GetVMLogsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The last lines that QEMU wrote about a VM.
   */
  getVmLogs(argument: _limiquantix_node_v1_GetVMLogsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_GetVMLogsResponse__Output>): grpc.ClientUnaryCall;
  getVmLogs(argument: _limiquantix_node_v1_GetVMLogsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_GetVMLogsResponse__Output>): grpc.ClientUnaryCall;
  getVmLogs(argument: _limiquantix_node_v1_GetVMLogsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_GetVMLogsResponse__Output>): grpc.ClientUnaryCall;
  getVmLogs(argument: _limiquantix_node_v1_GetVMLogsRequest, callback: grpc.requestCallback<_limiquantix_node_v1_GetVMLogsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The state of a VM as the hypervisor has it now.
   */
  GetVMStatus(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_VMStatusResponse__Output>): grpc.ClientUnaryCall;
  GetVMStatus(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_VMStatusResponse__Output>): grpc.ClientUnaryCall;
  GetVMStatus(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_VMStatusResponse__Output>): grpc.ClientUnaryCall;
  GetVMStatus(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_limiquantix_node_v1_VMStatusResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The state of a VM as the hypervisor has it now.
   */
  getVmStatus(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_VMStatusResponse__Output>): grpc.ClientUnaryCall;
  getVmStatus(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_VMStatusResponse__Output>): grpc.ClientUnaryCall;
  getVmStatus(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_VMStatusResponse__Output>): grpc.ClientUnaryCall;
  getVmStatus(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_limiquantix_node_v1_VMStatusResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * How a volume is given to a VM.
   */
  GetVolumeAttachInfo(argument: _limiquantix_node_v1_VolumeIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeAttachInfoResponse__Output>): grpc.ClientUnaryCall;
  GetVolumeAttachInfo(argument: _limiquantix_node_v1_VolumeIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeAttachInfoResponse__Output>): grpc.ClientUnaryCall;
  GetVolumeAttachInfo(argument: _limiquantix_node_v1_VolumeIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeAttachInfoResponse__Output>): grpc.ClientUnaryCall;
  GetVolumeAttachInfo(argument: _limiquantix_node_v1_VolumeIdRequest, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeAttachInfoResponse__Output>): grpc.ClientUnaryCall;
  /**
   * How a volume is given to a VM.
   */
  getVolumeAttachInfo(argument: _limiquantix_node_v1_VolumeIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeAttachInfoResponse__Output>): grpc.ClientUnaryCall;
  getVolumeAttachInfo(argument: _limiquantix_node_v1_VolumeIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeAttachInfoResponse__Output>): grpc.ClientUnaryCall;
  getVolumeAttachInfo(argument: _limiquantix_node_v1_VolumeIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeAttachInfoResponse__Output>): grpc.ClientUnaryCall;
  getVolumeAttachInfo(argument: _limiquantix_node_v1_VolumeIdRequest, callback: grpc.requestCallback<_limiquantix_node_v1_VolumeAttachInfoResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Has the guest's agent shut the guest down, or reboot it.
   */
  GuestShutdown(argument: _limiquantix_node_v1_GuestShutdownRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_GuestShutdownResponse__Output>): grpc.ClientUnaryCall;
  GuestShutdown(argument: _limiquantix_node_v1_GuestShutdownRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_GuestShutdownResponse__Output>): grpc.ClientUnaryCall;
  GuestShutdown(argument: _limiquantix_node_v1_GuestShutdownRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_GuestShutdownResponse__Output>): grpc.ClientUnaryCall;
  GuestShutdown(argument: _limiquantix_node_v1_GuestShutdownRequest, callback: grpc.requestCallback<_limiquantix_node_v1_GuestShutdownResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Has the guest's agent shut the guest down, or reboot it.
   */
  guestShutdown(argument: _limiquantix_node_v1_GuestShutdownRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_GuestShutdownResponse__Output>): grpc.ClientUnaryCall;
  guestShutdown(argument: _limiquantix_node_v1_GuestShutdownRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_GuestShutdownResponse__Output>): grpc.ClientUnaryCall;
  guestShutdown(argument: _limiquantix_node_v1_GuestShutdownRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_GuestShutdownResponse__Output>): grpc.ClientUnaryCall;
  guestShutdown(argument: _limiquantix_node_v1_GuestShutdownRequest, callback: grpc.requestCallback<_limiquantix_node_v1_GuestShutdownResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Whether the node can work.
   */
  HealthCheck(argument: _limiquantix_node_v1_HealthCheckRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_HealthCheckResponse__Output>): grpc.ClientUnaryCall;
  HealthCheck(argument: _limiquantix_node_v1_HealthCheckRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_HealthCheckResponse__Output>): grpc.ClientUnaryCall;
  HealthCheck(argument: _limiquantix_node_v1_HealthCheckRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_HealthCheckResponse__Output>): grpc.ClientUnaryCall;
  HealthCheck(argument: _limiquantix_node_v1_HealthCheckRequest, callback: grpc.requestCallback<_limiquantix_node_v1_HealthCheckResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Whether the node can work.
   */
  healthCheck(argument: _limiquantix_node_v1_HealthCheckRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_HealthCheckResponse__Output>): grpc.ClientUnaryCall;
  healthCheck(argument: _limiquantix_node_v1_HealthCheckRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_HealthCheckResponse__Output>): grpc.ClientUnaryCall;
  healthCheck(argument: _limiquantix_node_v1_HealthCheckRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_HealthCheckResponse__Output>): grpc.ClientUnaryCall;
  healthCheck(argument: _limiquantix_node_v1_HealthCheckRequest, callback: grpc.requestCallback<_limiquantix_node_v1_HealthCheckResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Makes a storage pool usable on this node.
   */
  InitStoragePool(argument: _limiquantix_node_v1_InitStoragePoolRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  InitStoragePool(argument: _limiquantix_node_v1_InitStoragePoolRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  InitStoragePool(argument: _limiquantix_node_v1_InitStoragePoolRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  InitStoragePool(argument: _limiquantix_node_v1_InitStoragePoolRequest, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Makes a storage pool usable on this node.
   */
  initStoragePool(argument: _limiquantix_node_v1_InitStoragePoolRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  initStoragePool(argument: _limiquantix_node_v1_InitStoragePoolRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  initStoragePool(argument: _limiquantix_node_v1_InitStoragePoolRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  initStoragePool(argument: _limiquantix_node_v1_InitStoragePoolRequest, callback: grpc.requestCallback<_limiquantix_node_v1_StoragePoolInfoResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The base images and ISOs of this node.
   */
  ListImages(argument: _google_protobuf_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListImagesResponse__Output>): grpc.ClientUnaryCall;
  ListImages(argument: _google_protobuf_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ListImagesResponse__Output>): grpc.ClientUnaryCall;
  ListImages(argument: _google_protobuf_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListImagesResponse__Output>): grpc.ClientUnaryCall;
  ListImages(argument: _google_protobuf_Empty, callback: grpc.requestCallback<_limiquantix_node_v1_ListImagesResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The base images and ISOs of this node.
   */
  listImages(argument: _google_protobuf_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListImagesResponse__Output>): grpc.ClientUnaryCall;
  listImages(argument: _google_protobuf_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ListImagesResponse__Output>): grpc.ClientUnaryCall;
  listImages(argument: _google_protobuf_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListImagesResponse__Output>): grpc.ClientUnaryCall;
  listImages(argument: _google_protobuf_Empty, callback: grpc.requestCallback<_limiquantix_node_v1_ListImagesResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The snapshots of a VM, oldest first.
   */
  ListSnapshots(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  ListSnapshots(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ListSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  ListSnapshots(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  ListSnapshots(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_limiquantix_node_v1_ListSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The snapshots of a VM, oldest first.
   */
  listSnapshots(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  listSnapshots(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ListSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  listSnapshots(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  listSnapshots(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_limiquantix_node_v1_ListSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The files in a directory of a storage pool.
   */
  ListStoragePoolFiles(argument: _limiquantix_node_v1_ListStoragePoolFilesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolFilesResponse__Output>): grpc.ClientUnaryCall;
  ListStoragePoolFiles(argument: _limiquantix_node_v1_ListStoragePoolFilesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolFilesResponse__Output>): grpc.ClientUnaryCall;
  ListStoragePoolFiles(argument: _limiquantix_node_v1_ListStoragePoolFilesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolFilesResponse__Output>): grpc.ClientUnaryCall;
  ListStoragePoolFiles(argument: _limiquantix_node_v1_ListStoragePoolFilesRequest, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolFilesResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The files in a directory of a storage pool.
   */
  listStoragePoolFiles(argument: _limiquantix_node_v1_ListStoragePoolFilesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolFilesResponse__Output>): grpc.ClientUnaryCall;
  listStoragePoolFiles(argument: _limiquantix_node_v1_ListStoragePoolFilesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolFilesResponse__Output>): grpc.ClientUnaryCall;
  listStoragePoolFiles(argument: _limiquantix_node_v1_ListStoragePoolFilesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolFilesResponse__Output>): grpc.ClientUnaryCall;
  listStoragePoolFiles(argument: _limiquantix_node_v1_ListStoragePoolFilesRequest, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolFilesResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Every storage pool of this node.
   */
  ListStoragePools(argument: _google_protobuf_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolsResponse__Output>): grpc.ClientUnaryCall;
  ListStoragePools(argument: _google_protobuf_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolsResponse__Output>): grpc.ClientUnaryCall;
  ListStoragePools(argument: _google_protobuf_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolsResponse__Output>): grpc.ClientUnaryCall;
  ListStoragePools(argument: _google_protobuf_Empty, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Every storage pool of this node.
   */
  listStoragePools(argument: _google_protobuf_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolsResponse__Output>): grpc.ClientUnaryCall;
  listStoragePools(argument: _google_protobuf_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolsResponse__Output>): grpc.ClientUnaryCall;
  listStoragePools(argument: _google_protobuf_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolsResponse__Output>): grpc.ClientUnaryCall;
  listStoragePools(argument: _google_protobuf_Empty, callback: grpc.requestCallback<_limiquantix_node_v1_ListStoragePoolsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The state of every VM of this node.
   */
  ListVMs(argument: _google_protobuf_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListVMsOnNodeResponse__Output>): grpc.ClientUnaryCall;
  ListVMs(argument: _google_protobuf_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ListVMsOnNodeResponse__Output>): grpc.ClientUnaryCall;
  ListVMs(argument: _google_protobuf_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListVMsOnNodeResponse__Output>): grpc.ClientUnaryCall;
  ListVMs(argument: _google_protobuf_Empty, callback: grpc.requestCallback<_limiquantix_node_v1_ListVMsOnNodeResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The state of every VM of this node.
   */
  listVMs(argument: _google_protobuf_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListVMsOnNodeResponse__Output>): grpc.ClientUnaryCall;
  listVMs(argument: _google_protobuf_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ListVMsOnNodeResponse__Output>): grpc.ClientUnaryCall;
  listVMs(argument: _google_protobuf_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListVMsOnNodeResponse__Output>): grpc.ClientUnaryCall;
  listVMs(argument: _google_protobuf_Empty, callback: grpc.requestCallback<_limiquantix_node_v1_ListVMsOnNodeResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The volumes of a storage pool.
   */
  ListVolumes(argument: _limiquantix_node_v1_ListVolumesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListVolumesResponse__Output>): grpc.ClientUnaryCall;
  ListVolumes(argument: _limiquantix_node_v1_ListVolumesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ListVolumesResponse__Output>): grpc.ClientUnaryCall;
  ListVolumes(argument: _limiquantix_node_v1_ListVolumesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListVolumesResponse__Output>): grpc.ClientUnaryCall;
  ListVolumes(argument: _limiquantix_node_v1_ListVolumesRequest, callback: grpc.requestCallback<_limiquantix_node_v1_ListVolumesResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The volumes of a storage pool.
   */
  listVolumes(argument: _limiquantix_node_v1_ListVolumesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListVolumesResponse__Output>): grpc.ClientUnaryCall;
  listVolumes(argument: _limiquantix_node_v1_ListVolumesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ListVolumesResponse__Output>): grpc.ClientUnaryCall;
  listVolumes(argument: _limiquantix_node_v1_ListVolumesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ListVolumesResponse__Output>): grpc.ClientUnaryCall;
  listVolumes(argument: _limiquantix_node_v1_ListVolumesRequest, callback: grpc.requestCallback<_limiquantix_node_v1_ListVolumesResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Lets the guest stand still; it keeps its memory.
   */
  PauseVM(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  PauseVM(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  PauseVM(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  PauseVM(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Lets the guest stand still; it keeps its memory.
   */
  pauseVm(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  pauseVm(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  pauseVm(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  pauseVm(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Whether the guest's agent answers.
   */
  PingAgent(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_AgentPingResponse__Output>): grpc.ClientUnaryCall;
  PingAgent(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_AgentPingResponse__Output>): grpc.ClientUnaryCall;
  PingAgent(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_AgentPingResponse__Output>): grpc.ClientUnaryCall;
  PingAgent(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_limiquantix_node_v1_AgentPingResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Whether the guest's agent answers.
   */
  pingAgent(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_AgentPingResponse__Output>): grpc.ClientUnaryCall;
  pingAgent(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_AgentPingResponse__Output>): grpc.ClientUnaryCall;
  pingAgent(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_AgentPingResponse__Output>): grpc.ClientUnaryCall;
  pingAgent(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_limiquantix_node_v1_AgentPingResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Freezes the guest's file systems until they are thawed, at the latest when the time is up. A snapshot of the disks that
   * is taken meanwhile is quiesced.
   */
  QuiesceFilesystems(argument: _limiquantix_node_v1_QuiesceFilesystemsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_QuiesceFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  QuiesceFilesystems(argument: _limiquantix_node_v1_QuiesceFilesystemsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_QuiesceFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  QuiesceFilesystems(argument: _limiquantix_node_v1_QuiesceFilesystemsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_QuiesceFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  QuiesceFilesystems(argument: _limiquantix_node_v1_QuiesceFilesystemsRequest, callback: grpc.requestCallback<_limiquantix_node_v1_QuiesceFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Freezes the guest's file systems until they are thawed, at the latest when the time is up. A snapshot of the disks that
   * is taken meanwhile is quiesced.
   */
  quiesceFilesystems(argument: _limiquantix_node_v1_QuiesceFilesystemsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_QuiesceFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  quiesceFilesystems(argument: _limiquantix_node_v1_QuiesceFilesystemsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_QuiesceFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  quiesceFilesystems(argument: _limiquantix_node_v1_QuiesceFilesystemsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_QuiesceFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  quiesceFilesystems(argument: _limiquantix_node_v1_QuiesceFilesystemsRequest, callback: grpc.requestCallback<_limiquantix_node_v1_QuiesceFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Reads a part of a file of the guest.
   */
  ReadGuestFile(argument: _limiquantix_node_v1_ReadGuestFileRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ReadGuestFileResponse__Output>): grpc.ClientUnaryCall;
  ReadGuestFile(argument: _limiquantix_node_v1_ReadGuestFileRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ReadGuestFileResponse__Output>): grpc.ClientUnaryCall;
  ReadGuestFile(argument: _limiquantix_node_v1_ReadGuestFileRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ReadGuestFileResponse__Output>): grpc.ClientUnaryCall;
  ReadGuestFile(argument: _limiquantix_node_v1_ReadGuestFileRequest, callback: grpc.requestCallback<_limiquantix_node_v1_ReadGuestFileResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Reads a part of a file of the guest.
   */
  readGuestFile(argument: _limiquantix_node_v1_ReadGuestFileRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ReadGuestFileResponse__Output>): grpc.ClientUnaryCall;
  readGuestFile(argument: _limiquantix_node_v1_ReadGuestFileRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ReadGuestFileResponse__Output>): grpc.ClientUnaryCall;
  readGuestFile(argument: _limiquantix_node_v1_ReadGuestFileRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ReadGuestFileResponse__Output>): grpc.ClientUnaryCall;
  readGuestFile(argument: _limiquantix_node_v1_ReadGuestFileRequest, callback: grpc.requestCallback<_limiquantix_node_v1_ReadGuestFileResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Asks the guest to reboot, and waits until it does.
   */
  RebootVM(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  RebootVM(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  RebootVM(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  RebootVM(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Asks the guest to reboot, and waits until it does.
   */
  rebootVm(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  rebootVm(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  rebootVm(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  rebootVm(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Makes a volume larger.
   */
  ResizeVolume(argument: _limiquantix_node_v1_ResizeVolumeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  ResizeVolume(argument: _limiquantix_node_v1_ResizeVolumeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  ResizeVolume(argument: _limiquantix_node_v1_ResizeVolumeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  ResizeVolume(argument: _limiquantix_node_v1_ResizeVolumeRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Makes a volume larger.
   */
  resizeVolume(argument: _limiquantix_node_v1_ResizeVolumeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  resizeVolume(argument: _limiquantix_node_v1_ResizeVolumeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  resizeVolume(argument: _limiquantix_node_v1_ResizeVolumeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  resizeVolume(argument: _limiquantix_node_v1_ResizeVolumeRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Lets a paused guest go on.
   */
  ResumeVM(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  ResumeVM(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  ResumeVM(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  ResumeVM(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Lets a paused guest go on.
   */
  resumeVm(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  resumeVm(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  resumeVm(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  resumeVm(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Puts a VM back to a snapshot; what was current becomes a snapshot itself. Of a memory snapshot the VM runs on from
   * that moment, of another one it ends stopped.
   */
  RevertSnapshot(argument: _limiquantix_node_v1_RevertSnapshotRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  RevertSnapshot(argument: _limiquantix_node_v1_RevertSnapshotRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  RevertSnapshot(argument: _limiquantix_node_v1_RevertSnapshotRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  RevertSnapshot(argument: _limiquantix_node_v1_RevertSnapshotRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Puts a VM back to a snapshot; what was current becomes a snapshot itself. Of a memory snapshot the VM runs on from
   * that moment, of another one it ends stopped.
   */
  revertSnapshot(argument: _limiquantix_node_v1_RevertSnapshotRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  revertSnapshot(argument: _limiquantix_node_v1_RevertSnapshotRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  revertSnapshot(argument: _limiquantix_node_v1_RevertSnapshotRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  revertSnapshot(argument: _limiquantix_node_v1_RevertSnapshotRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Starts a stopped VM; a running one stays as it is.
   */
  StartVM(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  StartVM(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  StartVM(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  StartVM(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Starts a stopped VM; a running one stays as it is.
   */
  startVm(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  startVm(argument: _limiquantix_node_v1_VMIdRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  startVm(argument: _limiquantix_node_v1_VMIdRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  startVm(argument: _limiquantix_node_v1_VMIdRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * Asks the guest to shut down, and takes the power away when its time is up.
   */
  StopVM(argument: _limiquantix_node_v1_StopVMRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  StopVM(argument: _limiquantix_node_v1_StopVMRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  StopVM(argument: _limiquantix_node_v1_StopVMRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  StopVM(argument: _limiquantix_node_v1_StopVMRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  /**
   * Asks the guest to shut down, and takes the power away when its time is up.
   */
  stopVm(argument: _limiquantix_node_v1_StopVMRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  stopVm(argument: _limiquantix_node_v1_StopVMRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  stopVm(argument: _limiquantix_node_v1_StopVMRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  stopVm(argument: _limiquantix_node_v1_StopVMRequest, callback: grpc.requestCallback<_google_protobuf_Empty__Output>): grpc.ClientUnaryCall;
  
  /**
   * What happens on the node, as it happens.
   */
  StreamEvents(argument: _google_protobuf_Empty, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_limiquantix_node_v1_NodeEvent__Output>;
  StreamEvents(argument: _google_protobuf_Empty, options?: grpc.CallOptions): grpc.ClientReadableStream<_limiquantix_node_v1_NodeEvent__Output>;
  /**
   * What happens on the node, as it happens.
   */
  streamEvents(argument: _google_protobuf_Empty, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_limiquantix_node_v1_NodeEvent__Output>;
  streamEvents(argument: _google_protobuf_Empty, options?: grpc.CallOptions): grpc.ClientReadableStream<_limiquantix_node_v1_NodeEvent__Output>;
  
  /**
   * Figures of the node and its VMs, one message each interval.
   */
  StreamMetrics(argument: _limiquantix_node_v1_StreamMetricsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_limiquantix_node_v1_NodeMetrics__Output>;
  StreamMetrics(argument: _limiquantix_node_v1_StreamMetricsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_limiquantix_node_v1_NodeMetrics__Output>;
  /**
   * Figures of the node and its VMs, one message each interval.
   */
  streamMetrics(argument: _limiquantix_node_v1_StreamMetricsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_limiquantix_node_v1_NodeMetrics__Output>;
  streamMetrics(argument: _limiquantix_node_v1_StreamMetricsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_limiquantix_node_v1_NodeMetrics__Output>;
  
  /**
   * Sets the guest's clock.
   */
  SyncTime(argument: _limiquantix_node_v1_SyncTimeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_SyncTimeResponse__Output>): grpc.ClientUnaryCall;
  SyncTime(argument: _limiquantix_node_v1_SyncTimeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_SyncTimeResponse__Output>): grpc.ClientUnaryCall;
  SyncTime(argument: _limiquantix_node_v1_SyncTimeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_SyncTimeResponse__Output>): grpc.ClientUnaryCall;
  SyncTime(argument: _limiquantix_node_v1_SyncTimeRequest, callback: grpc.requestCallback<_limiquantix_node_v1_SyncTimeResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Sets the guest's clock.
   */
  syncTime(argument: _limiquantix_node_v1_SyncTimeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_SyncTimeResponse__Output>): grpc.ClientUnaryCall;
  syncTime(argument: _limiquantix_node_v1_SyncTimeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_SyncTimeResponse__Output>): grpc.ClientUnaryCall;
  syncTime(argument: _limiquantix_node_v1_SyncTimeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_SyncTimeResponse__Output>): grpc.ClientUnaryCall;
  syncTime(argument: _limiquantix_node_v1_SyncTimeRequest, callback: grpc.requestCallback<_limiquantix_node_v1_SyncTimeResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Thaws what was frozen under a token, once. FAILED_PRECONDITION for another token, and where the guest had thawed before.
   */
  ThawFilesystems(argument: _limiquantix_node_v1_ThawFilesystemsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ThawFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  ThawFilesystems(argument: _limiquantix_node_v1_ThawFilesystemsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ThawFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  ThawFilesystems(argument: _limiquantix_node_v1_ThawFilesystemsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ThawFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  ThawFilesystems(argument: _limiquantix_node_v1_ThawFilesystemsRequest, callback: grpc.requestCallback<_limiquantix_node_v1_ThawFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Thaws what was frozen under a token, once. FAILED_PRECONDITION for another token, and where the guest had thawed before.
   */
  thawFilesystems(argument: _limiquantix_node_v1_ThawFilesystemsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ThawFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  thawFilesystems(argument: _limiquantix_node_v1_ThawFilesystemsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_ThawFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  thawFilesystems(argument: _limiquantix_node_v1_ThawFilesystemsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_ThawFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  thawFilesystems(argument: _limiquantix_node_v1_ThawFilesystemsRequest, callback: grpc.requestCallback<_limiquantix_node_v1_ThawFilesystemsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Writes a file of the guest.
   */
  WriteGuestFile(argument: _limiquantix_node_v1_WriteGuestFileRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_WriteGuestFileResponse__Output>): grpc.ClientUnaryCall;
  WriteGuestFile(argument: _limiquantix_node_v1_WriteGuestFileRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_WriteGuestFileResponse__Output>): grpc.ClientUnaryCall;
  WriteGuestFile(argument: _limiquantix_node_v1_WriteGuestFileRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_WriteGuestFileResponse__Output>): grpc.ClientUnaryCall;
  WriteGuestFile(argument: _limiquantix_node_v1_WriteGuestFileRequest, callback: grpc.requestCallback<_limiquantix_node_v1_WriteGuestFileResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Writes a file of the guest.
   */
  writeGuestFile(argument: _limiquantix_node_v1_WriteGuestFileRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_WriteGuestFileResponse__Output>): grpc.ClientUnaryCall;
  writeGuestFile(argument: _limiquantix_node_v1_WriteGuestFileRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_limiquantix_node_v1_WriteGuestFileResponse__Output>): grpc.ClientUnaryCall;
  writeGuestFile(argument: _limiquantix_node_v1_WriteGuestFileRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_limiquantix_node_v1_WriteGuestFileResponse__Output>): grpc.ClientUnaryCall;
  writeGuestFile(argument: _limiquantix_node_v1_WriteGuestFileRequest, callback: grpc.requestCallback<_limiquantix_node_v1_WriteGuestFileResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * What one hypervisor node does for whoever controls it. An error carries a google.rpc.ErrorInfo with a stable reason. A
 * call whose deadline passes stops waiting; the work that it began goes on, and the VM's status tells of it.
 */
export interface NodeDaemonServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Attaches a disk: an empty one, a clone of an image, or a volume that was kept. A running VM has it at once; those on SATA come only to a stopped one.
   */
  AttachDisk: grpc.handleUnaryCall<_limiquantix_node_v1_AttachDiskRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Attaches a network card.
   */
  AttachNIC: grpc.handleUnaryCall<_limiquantix_node_v1_AttachNICRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Puts another image into a CD drive, or ejects it. A drive that its guest has locked stays as it is.
   */
  ChangeMedia: grpc.handleUnaryCall<_limiquantix_node_v1_ChangeMediaRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Copies a volume.
   */
  CloneVolume: grpc.handleUnaryCall<_limiquantix_node_v1_CloneVolumeRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Takes a snapshot: of a stopped VM its disks, of a running one its disks, or its disks and its memory.
   */
  CreateSnapshot: grpc.handleUnaryCall<_limiquantix_node_v1_CreateSnapshotRequest__Output, _limiquantix_node_v1_SnapshotResponse>;
  
  /**
   * Makes a VM, and does not start it. The same request again finds the VM made.
   */
  CreateVM: grpc.handleUnaryCall<_limiquantix_node_v1_CreateVMOnNodeRequest__Output, _limiquantix_node_v1_CreateVMOnNodeResponse>;
  
  /**
   * Makes a volume: empty, or from an image, another volume or a snapshot.
   */
  CreateVolume: grpc.handleUnaryCall<_limiquantix_node_v1_CreateVolumeRequest__Output, _limiquantix_node_v1_VolumeInfoResponse>;
  
  /**
   * Takes a snapshot of a volume that no VM writes to.
   */
  CreateVolumeSnapshot: grpc.handleUnaryCall<_limiquantix_node_v1_CreateVolumeSnapshotRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Removes a snapshot. What the VM and its other snapshots need of it stays.
   */
  DeleteSnapshot: grpc.handleUnaryCall<_limiquantix_node_v1_DeleteSnapshotRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Removes a stopped VM with its disks and snapshots.
   */
  DeleteVM: grpc.handleUnaryCall<_limiquantix_node_v1_VMIdRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Removes a volume that no VM uses.
   */
  DeleteVolume: grpc.handleUnaryCall<_limiquantix_node_v1_VolumeIdRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Takes a storage pool off this node; what is in it stays.
   */
  DestroyStoragePool: grpc.handleUnaryCall<_limiquantix_node_v1_StoragePoolIdRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Detaches a disk, when the guest of a running VM has let go of it. What is on it is kept, as a file in the node's pool.
   */
  DetachDisk: grpc.handleUnaryCall<_limiquantix_node_v1_DetachDiskRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Detaches a network card, when the guest of a running VM has let go of it.
   */
  DetachNIC: grpc.handleUnaryCall<_limiquantix_node_v1_DetachNICRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Runs a program in the guest.
   */
  ExecuteInGuest: grpc.handleUnaryCall<_limiquantix_node_v1_ExecuteInGuestRequest__Output, _limiquantix_node_v1_ExecuteInGuestResponse>;
  
  /**
   * Takes the power away, also from a VM whose guest is being asked to shut down.
   */
  ForceStopVM: grpc.handleUnaryCall<_limiquantix_node_v1_VMIdRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Where the display of a running VM can be reached.
   */
  GetConsole: grpc.handleUnaryCall<_limiquantix_node_v1_VMIdRequest__Output, _limiquantix_node_v1_ConsoleInfoResponse>;
  
  /**
   * What the node is, and what it can run.
   */
  GetNodeInfo: grpc.handleUnaryCall<_google_protobuf_Empty__Output, _limiquantix_node_v1_NodeInfoResponse>;
  
  /**
   * The state of a storage pool.
   */
  GetStoragePoolInfo: grpc.handleUnaryCall<_limiquantix_node_v1_StoragePoolIdRequest__Output, _limiquantix_node_v1_StoragePoolInfoResponse>;
  
  /**
   * The last lines that QEMU wrote about a VM.
   */
  GetVMLogs: grpc.handleUnaryCall<_limiquantix_node_v1_GetVMLogsRequest__Output, _limiquantix_node_v1_GetVMLogsResponse>;
  
  /**
   * The state of a VM as the hypervisor has it now.
   */
  GetVMStatus: grpc.handleUnaryCall<_limiquantix_node_v1_VMIdRequest__Output, _limiquantix_node_v1_VMStatusResponse>;
  
  /**
   * How a volume is given to a VM.
   */
  GetVolumeAttachInfo: grpc.handleUnaryCall<_limiquantix_node_v1_VolumeIdRequest__Output, _limiquantix_node_v1_VolumeAttachInfoResponse>;
  
  /**
   * Has the guest's agent shut the guest down, or reboot it.
   */
  GuestShutdown: grpc.handleUnaryCall<_limiquantix_node_v1_GuestShutdownRequest__Output, _limiquantix_node_v1_GuestShutdownResponse>;
  
  /**
   * Whether the node can work.
   */
  HealthCheck: grpc.handleUnaryCall<_limiquantix_node_v1_HealthCheckRequest__Output, _limiquantix_node_v1_HealthCheckResponse>;
  
  /**
   * Makes a storage pool usable on this node.
   */
  InitStoragePool: grpc.handleUnaryCall<_limiquantix_node_v1_InitStoragePoolRequest__Output, _limiquantix_node_v1_StoragePoolInfoResponse>;
  
  /**
   * The base images and ISOs of this node.
   */
  ListImages: grpc.handleUnaryCall<_google_protobuf_Empty__Output, _limiquantix_node_v1_ListImagesResponse>;
  
  /**
   * The snapshots of a VM, oldest first.
   */
  ListSnapshots: grpc.handleUnaryCall<_limiquantix_node_v1_VMIdRequest__Output, _limiquantix_node_v1_ListSnapshotsResponse>;
  
  /**
   * The files in a directory of a storage pool.
   */
  ListStoragePoolFiles: grpc.handleUnaryCall<_limiquantix_node_v1_ListStoragePoolFilesRequest__Output, _limiquantix_node_v1_ListStoragePoolFilesResponse>;
  
  /**
   * Every storage pool of this node.
   */
  ListStoragePools: grpc.handleUnaryCall<_google_protobuf_Empty__Output, _limiquantix_node_v1_ListStoragePoolsResponse>;
  
  /**
   * The state of every VM of this node.
   */
  ListVMs: grpc.handleUnaryCall<_google_protobuf_Empty__Output, _limiquantix_node_v1_ListVMsOnNodeResponse>;
  
  /**
   * The volumes of a storage pool.
   */
  ListVolumes: grpc.handleUnaryCall<_limiquantix_node_v1_ListVolumesRequest__Output, _limiquantix_node_v1_ListVolumesResponse>;
  
  /**
   * Lets the guest stand still; it keeps its memory.
   */
  PauseVM: grpc.handleUnaryCall<_limiquantix_node_v1_VMIdRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Whether the guest's agent answers.
   */
  PingAgent: grpc.handleUnaryCall<_limiquantix_node_v1_VMIdRequest__Output, _limiquantix_node_v1_AgentPingResponse>;
  
  /**
   * Freezes the guest's file systems until they are thawed, at the latest when the time is up. A snapshot of the disks that
   * is taken meanwhile is quiesced.
   */
  QuiesceFilesystems: grpc.handleUnaryCall<_limiquantix_node_v1_QuiesceFilesystemsRequest__Output, _limiquantix_node_v1_QuiesceFilesystemsResponse>;
  
  /**
   * Reads a part of a file of the guest.
   */
  ReadGuestFile: grpc.handleUnaryCall<_limiquantix_node_v1_ReadGuestFileRequest__Output, _limiquantix_node_v1_ReadGuestFileResponse>;
  
  /**
   * Asks the guest to reboot, and waits until it does.
   */
  RebootVM: grpc.handleUnaryCall<_limiquantix_node_v1_VMIdRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Makes a volume larger.
   */
  ResizeVolume: grpc.handleUnaryCall<_limiquantix_node_v1_ResizeVolumeRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Lets a paused guest go on.
   */
  ResumeVM: grpc.handleUnaryCall<_limiquantix_node_v1_VMIdRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Puts a VM back to a snapshot; what was current becomes a snapshot itself. Of a memory snapshot the VM runs on from
   * that moment, of another one it ends stopped.
   */
  RevertSnapshot: grpc.handleUnaryCall<_limiquantix_node_v1_RevertSnapshotRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Starts a stopped VM; a running one stays as it is.
   */
  StartVM: grpc.handleUnaryCall<_limiquantix_node_v1_VMIdRequest__Output, _google_protobuf_Empty>;
  
  /**
   * Asks the guest to shut down, and takes the power away when its time is up.
   */
  StopVM: grpc.handleUnaryCall<_limiquantix_node_v1_StopVMRequest__Output, _google_protobuf_Empty>;
  
  /**
   * What happens on the node, as it happens.
   */
  StreamEvents: grpc.handleServerStreamingCall<_google_protobuf_Empty__Output, _limiquantix_node_v1_NodeEvent>;
  
  /**
   * Figures of the node and its VMs, one message each interval.
   */
  StreamMetrics: grpc.handleServerStreamingCall<_limiquantix_node_v1_StreamMetricsRequest__Output, _limiquantix_node_v1_NodeMetrics>;
  
  /**
   * Sets the guest's clock.
   */
  SyncTime: grpc.handleUnaryCall<_limiquantix_node_v1_SyncTimeRequest__Output, _limiquantix_node_v1_SyncTimeResponse>;
  
  /**
   * Thaws what was frozen under a token, once. FAILED_PRECONDITION for another token, and where the guest had thawed before.
   */
  ThawFilesystems: grpc.handleUnaryCall<_limiquantix_node_v1_ThawFilesystemsRequest__Output, _limiquantix_node_v1_ThawFilesystemsResponse>;
  
  /**
   * Writes a file of the guest.
   */
  WriteGuestFile: grpc.handleUnaryCall<_limiquantix_node_v1_WriteGuestFileRequest__Output, _limiquantix_node_v1_WriteGuestFileResponse>;
  
}

export interface NodeDaemonServiceDefinition extends grpc.ServiceDefinition {
  AttachDisk: MethodDefinition<_limiquantix_node_v1_AttachDiskRequest, _google_protobuf_Empty, _limiquantix_node_v1_AttachDiskRequest__Output, _google_protobuf_Empty__Output>
  AttachNIC: MethodDefinition<_limiquantix_node_v1_AttachNICRequest, _google_protobuf_Empty, _limiquantix_node_v1_AttachNICRequest__Output, _google_protobuf_Empty__Output>
  ChangeMedia: MethodDefinition<_limiquantix_node_v1_ChangeMediaRequest, _google_protobuf_Empty, _limiquantix_node_v1_ChangeMediaRequest__Output, _google_protobuf_Empty__Output>
  CloneVolume: MethodDefinition<_limiquantix_node_v1_CloneVolumeRequest, _google_protobuf_Empty, _limiquantix_node_v1_CloneVolumeRequest__Output, _google_protobuf_Empty__Output>
  CreateSnapshot: MethodDefinition<_limiquantix_node_v1_CreateSnapshotRequest, _limiquantix_node_v1_SnapshotResponse, _limiquantix_node_v1_CreateSnapshotRequest__Output, _limiquantix_node_v1_SnapshotResponse__Output>
  CreateVM: MethodDefinition<_limiquantix_node_v1_CreateVMOnNodeRequest, _limiquantix_node_v1_CreateVMOnNodeResponse, _limiquantix_node_v1_CreateVMOnNodeRequest__Output, _limiquantix_node_v1_CreateVMOnNodeResponse__Output>
  CreateVolume: MethodDefinition<_limiquantix_node_v1_CreateVolumeRequest, _limiquantix_node_v1_VolumeInfoResponse, _limiquantix_node_v1_CreateVolumeRequest__Output, _limiquantix_node_v1_VolumeInfoResponse__Output>
  CreateVolumeSnapshot: MethodDefinition<_limiquantix_node_v1_CreateVolumeSnapshotRequest, _google_protobuf_Empty, _limiquantix_node_v1_CreateVolumeSnapshotRequest__Output, _google_protobuf_Empty__Output>
  DeleteSnapshot: MethodDefinition<_limiquantix_node_v1_DeleteSnapshotRequest, _google_protobuf_Empty, _limiquantix_node_v1_DeleteSnapshotRequest__Output, _google_protobuf_Empty__Output>
  DeleteVM: MethodDefinition<_limiquantix_node_v1_VMIdRequest, _google_protobuf_Empty, _limiquantix_node_v1_VMIdRequest__Output, _google_protobuf_Empty__Output>
  DeleteVolume: MethodDefinition<_limiquantix_node_v1_VolumeIdRequest, _google_protobuf_Empty, _limiquantix_node_v1_VolumeIdRequest__Output, _google_protobuf_Empty__Output>
  DestroyStoragePool: MethodDefinition<_limiquantix_node_v1_StoragePoolIdRequest, _google_protobuf_Empty, _limiquantix_node_v1_StoragePoolIdRequest__Output, _google_protobuf_Empty__Output>
  DetachDisk: MethodDefinition<_limiquantix_node_v1_DetachDiskRequest, _google_protobuf_Empty, _limiquantix_node_v1_DetachDiskRequest__Output, _google_protobuf_Empty__Output>
  DetachNIC: MethodDefinition<_limiquantix_node_v1_DetachNICRequest, _google_protobuf_Empty, _limiquantix_node_v1_DetachNICRequest__Output, _google_protobuf_Empty__Output>
  ExecuteInGuest: MethodDefinition<_limiquantix_node_v1_ExecuteInGuestRequest, _limiquantix_node_v1_ExecuteInGuestResponse, _limiquantix_node_v1_ExecuteInGuestRequest__Output, _limiquantix_node_v1_ExecuteInGuestResponse__Output>
  ForceStopVM: MethodDefinition<_limiquantix_node_v1_VMIdRequest, _google_protobuf_Empty, _limiquantix_node_v1_VMIdRequest__Output, _google_protobuf_Empty__Output>
  GetConsole: MethodDefinition<_limiquantix_node_v1_VMIdRequest, _limiquantix_node_v1_ConsoleInfoResponse, _limiquantix_node_v1_VMIdRequest__Output, _limiquantix_node_v1_ConsoleInfoResponse__Output>
  GetNodeInfo: MethodDefinition<_google_protobuf_Empty, _limiquantix_node_v1_NodeInfoResponse, _google_protobuf_Empty__Output, _limiquantix_node_v1_NodeInfoResponse__Output>
  GetStoragePoolInfo: MethodDefinition<_limiquantix_node_v1_StoragePoolIdRequest, _limiquantix_node_v1_StoragePoolInfoResponse, _limiquantix_node_v1_StoragePoolIdRequest__Output, _limiquantix_node_v1_StoragePoolInfoResponse__Output>
  GetVMLogs: MethodDefinition<_limiquantix_node_v1_GetVMLogsRequest, _limiquantix_node_v1_GetVMLogsResponse, _limiquantix_node_v1_GetVMLogsRequest__Output, _limiquantix_node_v1_GetVMLogsResponse__Output>
  GetVMStatus: MethodDefinition<_limiquantix_node_v1_VMIdRequest, _limiquantix_node_v1_VMStatusResponse, _limiquantix_node_v1_VMIdRequest__Output, _limiquantix_node_v1_VMStatusResponse__Output>
  GetVolumeAttachInfo: MethodDefinition<_limiquantix_node_v1_VolumeIdRequest, _limiquantix_node_v1_VolumeAttachInfoResponse, _limiquantix_node_v1_VolumeIdRequest__Output, _limiquantix_node_v1_VolumeAttachInfoResponse__Output>
  GuestShutdown: MethodDefinition<_limiquantix_node_v1_GuestShutdownRequest, _limiquantix_node_v1_GuestShutdownResponse, _limiquantix_node_v1_GuestShutdownRequest__Output, _limiquantix_node_v1_GuestShutdownResponse__Output>
  HealthCheck: MethodDefinition<_limiquantix_node_v1_HealthCheckRequest, _limiquantix_node_v1_HealthCheckResponse, _limiquantix_node_v1_HealthCheckRequest__Output, _limiquantix_node_v1_HealthCheckResponse__Output>
  InitStoragePool: MethodDefinition<_limiquantix_node_v1_InitStoragePoolRequest, _limiquantix_node_v1_StoragePoolInfoResponse, _limiquantix_node_v1_InitStoragePoolRequest__Output, _limiquantix_node_v1_StoragePoolInfoResponse__Output>
  ListImages: MethodDefinition<_google_protobuf_Empty, _limiquantix_node_v1_ListImagesResponse, _google_protobuf_Empty__Output, _limiquantix_node_v1_ListImagesResponse__Output>
  ListSnapshots: MethodDefinition<_limiquantix_node_v1_VMIdRequest, _limiquantix_node_v1_ListSnapshotsResponse, _limiquantix_node_v1_VMIdRequest__Output, _limiquantix_node_v1_ListSnapshotsResponse__Output>
  ListStoragePoolFiles: MethodDefinition<_limiquantix_node_v1_ListStoragePoolFilesRequest, _limiquantix_node_v1_ListStoragePoolFilesResponse, _limiquantix_node_v1_ListStoragePoolFilesRequest__Output, _limiquantix_node_v1_ListStoragePoolFilesResponse__Output>
  ListStoragePools: MethodDefinition<_google_protobuf_Empty, _limiquantix_node_v1_ListStoragePoolsResponse, _google_protobuf_Empty__Output, _limiquantix_node_v1_ListStoragePoolsResponse__Output>
  ListVMs: MethodDefinition<_google_protobuf_Empty, _limiquantix_node_v1_ListVMsOnNodeResponse, _google_protobuf_Empty__Output, _limiquantix_node_v1_ListVMsOnNodeResponse__Output>
  ListVolumes: MethodDefinition<_limiquantix_node_v1_ListVolumesRequest, _limiquantix_node_v1_ListVolumesResponse, _limiquantix_node_v1_ListVolumesRequest__Output, _limiquantix_node_v1_ListVolumesResponse__Output>
  PauseVM: MethodDefinition<_limiquantix_node_v1_VMIdRequest, _google_protobuf_Empty, _limiquantix_node_v1_VMIdRequest__Output, _google_protobuf_Empty__Output>
  PingAgent: MethodDefinition<_limiquantix_node_v1_VMIdRequest, _limiquantix_node_v1_AgentPingResponse, _limiquantix_node_v1_VMIdRequest__Output, _limiquantix_node_v1_AgentPingResponse__Output>
  QuiesceFilesystems: MethodDefinition<_limiquantix_node_v1_QuiesceFilesystemsRequest, _limiquantix_node_v1_QuiesceFilesystemsResponse, _limiquantix_node_v1_QuiesceFilesystemsRequest__Output, _limiquantix_node_v1_QuiesceFilesystemsResponse__Output>
  ReadGuestFile: MethodDefinition<_limiquantix_node_v1_ReadGuestFileRequest, _limiquantix_node_v1_ReadGuestFileResponse, _limiquantix_node_v1_ReadGuestFileRequest__Output, _limiquantix_node_v1_ReadGuestFileResponse__Output>
  RebootVM: MethodDefinition<_limiquantix_node_v1_VMIdRequest, _google_protobuf_Empty, _limiquantix_node_v1_VMIdRequest__Output, _google_protobuf_Empty__Output>
  ResizeVolume: MethodDefinition<_limiquantix_node_v1_ResizeVolumeRequest, _google_protobuf_Empty, _limiquantix_node_v1_ResizeVolumeRequest__Output, _google_protobuf_Empty__Output>
  ResumeVM: MethodDefinition<_limiquantix_node_v1_VMIdRequest, _google_protobuf_Empty, _limiquantix_node_v1_VMIdRequest__Output, _google_protobuf_Empty__Output>
  RevertSnapshot: MethodDefinition<_limiquantix_node_v1_RevertSnapshotRequest, _google_protobuf_Empty, _limiquantix_node_v1_RevertSnapshotRequest__Output, _google_protobuf_Empty__Output>
  StartVM: MethodDefinition<_limiquantix_node_v1_VMIdRequest, _google_protobuf_Empty, _limiquantix_node_v1_VMIdRequest__Output, _google_protobuf_Empty__Output>
  StopVM: MethodDefinition<_limiquantix_node_v1_StopVMRequest, _google_protobuf_Empty, _limiquantix_node_v1_StopVMRequest__Output, _google_protobuf_Empty__Output>
  StreamEvents: MethodDefinition<_google_protobuf_Empty, _limiquantix_node_v1_NodeEvent, _google_protobuf_Empty__Output, _limiquantix_node_v1_NodeEvent__Output>
  StreamMetrics: MethodDefinition<_limiquantix_node_v1_StreamMetricsRequest, _limiquantix_node_v1_NodeMetrics, _limiquantix_node_v1_StreamMetricsRequest__Output, _limiquantix_node_v1_NodeMetrics__Output>
  SyncTime: MethodDefinition<_limiquantix_node_v1_SyncTimeRequest, _limiquantix_node_v1_SyncTimeResponse, _limiquantix_node_v1_SyncTimeRequest__Output, _limiquantix_node_v1_SyncTimeResponse__Output>
  ThawFilesystems: MethodDefinition<_limiquantix_node_v1_ThawFilesystemsRequest, _limiquantix_node_v1_ThawFilesystemsResponse, _limiquantix_node_v1_ThawFilesystemsRequest__Output, _limiquantix_node_v1_ThawFilesystemsResponse__Output>
  WriteGuestFile: MethodDefinition<_limiquantix_node_v1_WriteGuestFileRequest, _limiquantix_node_v1_WriteGuestFileResponse, _limiquantix_node_v1_WriteGuestFileRequest__Output, _limiquantix_node_v1_WriteGuestFileResponse__Output>
}
