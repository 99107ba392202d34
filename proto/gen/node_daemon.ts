import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Empty as _google_protobuf_Empty, Empty__Output as _google_protobuf_Empty__Output } from './google/protobuf/Empty.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from './google/protobuf/Timestamp.ts';
import type { AgentPingResponse as _limiquantix_node_v1_AgentPingResponse, AgentPingResponse__Output as _limiquantix_node_v1_AgentPingResponse__Output } from './limiquantix/node/v1/AgentPingResponse.ts';
import type { AttachDiskRequest as _limiquantix_node_v1_AttachDiskRequest, AttachDiskRequest__Output as _limiquantix_node_v1_AttachDiskRequest__Output } from './limiquantix/node/v1/AttachDiskRequest.ts';
import type { AttachNICRequest as _limiquantix_node_v1_AttachNICRequest, AttachNICRequest__Output as _limiquantix_node_v1_AttachNICRequest__Output } from './limiquantix/node/v1/AttachNICRequest.ts';
import type { CdromSpec as _limiquantix_node_v1_CdromSpec, CdromSpec__Output as _limiquantix_node_v1_CdromSpec__Output } from './limiquantix/node/v1/CdromSpec.ts';
import type { CephPoolConfig as _limiquantix_node_v1_CephPoolConfig, CephPoolConfig__Output as _limiquantix_node_v1_CephPoolConfig__Output } from './limiquantix/node/v1/CephPoolConfig.ts';
import type { ChangeMediaRequest as _limiquantix_node_v1_ChangeMediaRequest, ChangeMediaRequest__Output as _limiquantix_node_v1_ChangeMediaRequest__Output } from './limiquantix/node/v1/ChangeMediaRequest.ts';
import type { CloneVolumeRequest as _limiquantix_node_v1_CloneVolumeRequest, CloneVolumeRequest__Output as _limiquantix_node_v1_CloneVolumeRequest__Output } from './limiquantix/node/v1/CloneVolumeRequest.ts';
import type { CloudInitConfig as _limiquantix_node_v1_CloudInitConfig, CloudInitConfig__Output as _limiquantix_node_v1_CloudInitConfig__Output } from './limiquantix/node/v1/CloudInitConfig.ts';
import type { ConsoleInfoResponse as _limiquantix_node_v1_ConsoleInfoResponse, ConsoleInfoResponse__Output as _limiquantix_node_v1_ConsoleInfoResponse__Output } from './limiquantix/node/v1/ConsoleInfoResponse.ts';
import type { ConsoleSpec as _limiquantix_node_v1_ConsoleSpec, ConsoleSpec__Output as _limiquantix_node_v1_ConsoleSpec__Output } from './limiquantix/node/v1/ConsoleSpec.ts';
import type { CreateSnapshotRequest as _limiquantix_node_v1_CreateSnapshotRequest, CreateSnapshotRequest__Output as _limiquantix_node_v1_CreateSnapshotRequest__Output } from './limiquantix/node/v1/CreateSnapshotRequest.ts';
import type { CreateVMOnNodeRequest as _limiquantix_node_v1_CreateVMOnNodeRequest, CreateVMOnNodeRequest__Output as _limiquantix_node_v1_CreateVMOnNodeRequest__Output } from './limiquantix/node/v1/CreateVMOnNodeRequest.ts';
import type { CreateVMOnNodeResponse as _limiquantix_node_v1_CreateVMOnNodeResponse, CreateVMOnNodeResponse__Output as _limiquantix_node_v1_CreateVMOnNodeResponse__Output } from './limiquantix/node/v1/CreateVMOnNodeResponse.ts';
import type { CreateVolumeRequest as _limiquantix_node_v1_CreateVolumeRequest, CreateVolumeRequest__Output as _limiquantix_node_v1_CreateVolumeRequest__Output } from './limiquantix/node/v1/CreateVolumeRequest.ts';
import type { CreateVolumeSnapshotRequest as _limiquantix_node_v1_CreateVolumeSnapshotRequest, CreateVolumeSnapshotRequest__Output as _limiquantix_node_v1_CreateVolumeSnapshotRequest__Output } from './limiquantix/node/v1/CreateVolumeSnapshotRequest.ts';
import type { DeleteSnapshotRequest as _limiquantix_node_v1_DeleteSnapshotRequest, DeleteSnapshotRequest__Output as _limiquantix_node_v1_DeleteSnapshotRequest__Output } from './limiquantix/node/v1/DeleteSnapshotRequest.ts';
import type { DetachDiskRequest as _limiquantix_node_v1_DetachDiskRequest, DetachDiskRequest__Output as _limiquantix_node_v1_DetachDiskRequest__Output } from './limiquantix/node/v1/DetachDiskRequest.ts';
import type { DetachNICRequest as _limiquantix_node_v1_DetachNICRequest, DetachNICRequest__Output as _limiquantix_node_v1_DetachNICRequest__Output } from './limiquantix/node/v1/DetachNICRequest.ts';
import type { DiskSpec as _limiquantix_node_v1_DiskSpec, DiskSpec__Output as _limiquantix_node_v1_DiskSpec__Output } from './limiquantix/node/v1/DiskSpec.ts';
import type { ExecuteInGuestRequest as _limiquantix_node_v1_ExecuteInGuestRequest, ExecuteInGuestRequest__Output as _limiquantix_node_v1_ExecuteInGuestRequest__Output } from './limiquantix/node/v1/ExecuteInGuestRequest.ts';
import type { ExecuteInGuestResponse as _limiquantix_node_v1_ExecuteInGuestResponse, ExecuteInGuestResponse__Output as _limiquantix_node_v1_ExecuteInGuestResponse__Output } from './limiquantix/node/v1/ExecuteInGuestResponse.ts';
import type { FrozenFilesystem as _limiquantix_node_v1_FrozenFilesystem, FrozenFilesystem__Output as _limiquantix_node_v1_FrozenFilesystem__Output } from './limiquantix/node/v1/FrozenFilesystem.ts';
import type { GetVMLogsRequest as _limiquantix_node_v1_GetVMLogsRequest, GetVMLogsRequest__Output as _limiquantix_node_v1_GetVMLogsRequest__Output } from './limiquantix/node/v1/GetVMLogsRequest.ts';
import type { GetVMLogsResponse as _limiquantix_node_v1_GetVMLogsResponse, GetVMLogsResponse__Output as _limiquantix_node_v1_GetVMLogsResponse__Output } from './limiquantix/node/v1/GetVMLogsResponse.ts';
import type { GuestAgentInfo as _limiquantix_node_v1_GuestAgentInfo, GuestAgentInfo__Output as _limiquantix_node_v1_GuestAgentInfo__Output } from './limiquantix/node/v1/GuestAgentInfo.ts';
import type { GuestDiskUsage as _limiquantix_node_v1_GuestDiskUsage, GuestDiskUsage__Output as _limiquantix_node_v1_GuestDiskUsage__Output } from './limiquantix/node/v1/GuestDiskUsage.ts';
import type { GuestNetworkInterface as _limiquantix_node_v1_GuestNetworkInterface, GuestNetworkInterface__Output as _limiquantix_node_v1_GuestNetworkInterface__Output } from './limiquantix/node/v1/GuestNetworkInterface.ts';
import type { GuestResourceUsage as _limiquantix_node_v1_GuestResourceUsage, GuestResourceUsage__Output as _limiquantix_node_v1_GuestResourceUsage__Output } from './limiquantix/node/v1/GuestResourceUsage.ts';
import type { GuestShutdownRequest as _limiquantix_node_v1_GuestShutdownRequest, GuestShutdownRequest__Output as _limiquantix_node_v1_GuestShutdownRequest__Output } from './limiquantix/node/v1/GuestShutdownRequest.ts';
import type { GuestShutdownResponse as _limiquantix_node_v1_GuestShutdownResponse, GuestShutdownResponse__Output as _limiquantix_node_v1_GuestShutdownResponse__Output } from './limiquantix/node/v1/GuestShutdownResponse.ts';
import type { GuestUser as _limiquantix_node_v1_GuestUser, GuestUser__Output as _limiquantix_node_v1_GuestUser__Output } from './limiquantix/node/v1/GuestUser.ts';
import type { HealthCheckRequest as _limiquantix_node_v1_HealthCheckRequest, HealthCheckRequest__Output as _limiquantix_node_v1_HealthCheckRequest__Output } from './limiquantix/node/v1/HealthCheckRequest.ts';
import type { HealthCheckResponse as _limiquantix_node_v1_HealthCheckResponse, HealthCheckResponse__Output as _limiquantix_node_v1_HealthCheckResponse__Output } from './limiquantix/node/v1/HealthCheckResponse.ts';
import type { ImageInfo as _limiquantix_node_v1_ImageInfo, ImageInfo__Output as _limiquantix_node_v1_ImageInfo__Output } from './limiquantix/node/v1/ImageInfo.ts';
import type { InitStoragePoolRequest as _limiquantix_node_v1_InitStoragePoolRequest, InitStoragePoolRequest__Output as _limiquantix_node_v1_InitStoragePoolRequest__Output } from './limiquantix/node/v1/InitStoragePoolRequest.ts';
import type { IscsiPoolConfig as _limiquantix_node_v1_IscsiPoolConfig, IscsiPoolConfig__Output as _limiquantix_node_v1_IscsiPoolConfig__Output } from './limiquantix/node/v1/IscsiPoolConfig.ts';
import type { ListImagesResponse as _limiquantix_node_v1_ListImagesResponse, ListImagesResponse__Output as _limiquantix_node_v1_ListImagesResponse__Output } from './limiquantix/node/v1/ListImagesResponse.ts';
import type { ListSnapshotsResponse as _limiquantix_node_v1_ListSnapshotsResponse, ListSnapshotsResponse__Output as _limiquantix_node_v1_ListSnapshotsResponse__Output } from './limiquantix/node/v1/ListSnapshotsResponse.ts';
import type { ListStoragePoolFilesRequest as _limiquantix_node_v1_ListStoragePoolFilesRequest, ListStoragePoolFilesRequest__Output as _limiquantix_node_v1_ListStoragePoolFilesRequest__Output } from './limiquantix/node/v1/ListStoragePoolFilesRequest.ts';
import type { ListStoragePoolFilesResponse as _limiquantix_node_v1_ListStoragePoolFilesResponse, ListStoragePoolFilesResponse__Output as _limiquantix_node_v1_ListStoragePoolFilesResponse__Output } from './limiquantix/node/v1/ListStoragePoolFilesResponse.ts';
import type { ListStoragePoolsResponse as _limiquantix_node_v1_ListStoragePoolsResponse, ListStoragePoolsResponse__Output as _limiquantix_node_v1_ListStoragePoolsResponse__Output } from './limiquantix/node/v1/ListStoragePoolsResponse.ts';
import type { ListVMsOnNodeResponse as _limiquantix_node_v1_ListVMsOnNodeResponse, ListVMsOnNodeResponse__Output as _limiquantix_node_v1_ListVMsOnNodeResponse__Output } from './limiquantix/node/v1/ListVMsOnNodeResponse.ts';
import type { ListVolumesRequest as _limiquantix_node_v1_ListVolumesRequest, ListVolumesRequest__Output as _limiquantix_node_v1_ListVolumesRequest__Output } from './limiquantix/node/v1/ListVolumesRequest.ts';
import type { ListVolumesResponse as _limiquantix_node_v1_ListVolumesResponse, ListVolumesResponse__Output as _limiquantix_node_v1_ListVolumesResponse__Output } from './limiquantix/node/v1/ListVolumesResponse.ts';
import type { LocalDirPoolConfig as _limiquantix_node_v1_LocalDirPoolConfig, LocalDirPoolConfig__Output as _limiquantix_node_v1_LocalDirPoolConfig__Output } from './limiquantix/node/v1/LocalDirPoolConfig.ts';
import type { NfsPoolConfig as _limiquantix_node_v1_NfsPoolConfig, NfsPoolConfig__Output as _limiquantix_node_v1_NfsPoolConfig__Output } from './limiquantix/node/v1/NfsPoolConfig.ts';
import type { NicSpec as _limiquantix_node_v1_NicSpec, NicSpec__Output as _limiquantix_node_v1_NicSpec__Output } from './limiquantix/node/v1/NicSpec.ts';
import type { NodeDaemonServiceClient as _limiquantix_node_v1_NodeDaemonServiceClient, NodeDaemonServiceDefinition as _limiquantix_node_v1_NodeDaemonServiceDefinition } from './limiquantix/node/v1/NodeDaemonService.ts';
import type { NodeEvent as _limiquantix_node_v1_NodeEvent, NodeEvent__Output as _limiquantix_node_v1_NodeEvent__Output } from './limiquantix/node/v1/NodeEvent.ts';
import type { NodeInfoResponse as _limiquantix_node_v1_NodeInfoResponse, NodeInfoResponse__Output as _limiquantix_node_v1_NodeInfoResponse__Output } from './limiquantix/node/v1/NodeInfoResponse.ts';
import type { NodeMetrics as _limiquantix_node_v1_NodeMetrics, NodeMetrics__Output as _limiquantix_node_v1_NodeMetrics__Output } from './limiquantix/node/v1/NodeMetrics.ts';
import type { QuiesceFilesystemsRequest as _limiquantix_node_v1_QuiesceFilesystemsRequest, QuiesceFilesystemsRequest__Output as _limiquantix_node_v1_QuiesceFilesystemsRequest__Output } from './limiquantix/node/v1/QuiesceFilesystemsRequest.ts';
import type { QuiesceFilesystemsResponse as _limiquantix_node_v1_QuiesceFilesystemsResponse, QuiesceFilesystemsResponse__Output as _limiquantix_node_v1_QuiesceFilesystemsResponse__Output } from './limiquantix/node/v1/QuiesceFilesystemsResponse.ts';
import type { ReadGuestFileRequest as _limiquantix_node_v1_ReadGuestFileRequest, ReadGuestFileRequest__Output as _limiquantix_node_v1_ReadGuestFileRequest__Output } from './limiquantix/node/v1/ReadGuestFileRequest.ts';
import type { ReadGuestFileResponse as _limiquantix_node_v1_ReadGuestFileResponse, ReadGuestFileResponse__Output as _limiquantix_node_v1_ReadGuestFileResponse__Output } from './limiquantix/node/v1/ReadGuestFileResponse.ts';
import type { ResizeVolumeRequest as _limiquantix_node_v1_ResizeVolumeRequest, ResizeVolumeRequest__Output as _limiquantix_node_v1_ResizeVolumeRequest__Output } from './limiquantix/node/v1/ResizeVolumeRequest.ts';
import type { RevertSnapshotRequest as _limiquantix_node_v1_RevertSnapshotRequest, RevertSnapshotRequest__Output as _limiquantix_node_v1_RevertSnapshotRequest__Output } from './limiquantix/node/v1/RevertSnapshotRequest.ts';
import type { SnapshotResponse as _limiquantix_node_v1_SnapshotResponse, SnapshotResponse__Output as _limiquantix_node_v1_SnapshotResponse__Output } from './limiquantix/node/v1/SnapshotResponse.ts';
import type { StopVMRequest as _limiquantix_node_v1_StopVMRequest, StopVMRequest__Output as _limiquantix_node_v1_StopVMRequest__Output } from './limiquantix/node/v1/StopVMRequest.ts';
import type { StoragePoolConfig as _limiquantix_node_v1_StoragePoolConfig, StoragePoolConfig__Output as _limiquantix_node_v1_StoragePoolConfig__Output } from './limiquantix/node/v1/StoragePoolConfig.ts';
import type { StoragePoolFileEntry as _limiquantix_node_v1_StoragePoolFileEntry, StoragePoolFileEntry__Output as _limiquantix_node_v1_StoragePoolFileEntry__Output } from './limiquantix/node/v1/StoragePoolFileEntry.ts';
import type { StoragePoolIdRequest as _limiquantix_node_v1_StoragePoolIdRequest, StoragePoolIdRequest__Output as _limiquantix_node_v1_StoragePoolIdRequest__Output } from './limiquantix/node/v1/StoragePoolIdRequest.ts';
import type { StoragePoolInfoResponse as _limiquantix_node_v1_StoragePoolInfoResponse, StoragePoolInfoResponse__Output as _limiquantix_node_v1_StoragePoolInfoResponse__Output } from './limiquantix/node/v1/StoragePoolInfoResponse.ts';
import type { StreamMetricsRequest as _limiquantix_node_v1_StreamMetricsRequest, StreamMetricsRequest__Output as _limiquantix_node_v1_StreamMetricsRequest__Output } from './limiquantix/node/v1/StreamMetricsRequest.ts';
import type { SyncTimeRequest as _limiquantix_node_v1_SyncTimeRequest, SyncTimeRequest__Output as _limiquantix_node_v1_SyncTimeRequest__Output } from './limiquantix/node/v1/SyncTimeRequest.ts';
import type { SyncTimeResponse as _limiquantix_node_v1_SyncTimeResponse, SyncTimeResponse__Output as _limiquantix_node_v1_SyncTimeResponse__Output } from './limiquantix/node/v1/SyncTimeResponse.ts';
import type { ThawFilesystemsRequest as _limiquantix_node_v1_ThawFilesystemsRequest, ThawFilesystemsRequest__Output as _limiquantix_node_v1_ThawFilesystemsRequest__Output } from './limiquantix/node/v1/ThawFilesystemsRequest.ts';
import type { ThawFilesystemsResponse as _limiquantix_node_v1_ThawFilesystemsResponse, ThawFilesystemsResponse__Output as _limiquantix_node_v1_ThawFilesystemsResponse__Output } from './limiquantix/node/v1/ThawFilesystemsResponse.ts';
import type { VMIdRequest as _limiquantix_node_v1_VMIdRequest, VMIdRequest__Output as _limiquantix_node_v1_VMIdRequest__Output } from './limiquantix/node/v1/VMIdRequest.ts';
import type { VMMetrics as _limiquantix_node_v1_VMMetrics, VMMetrics__Output as _limiquantix_node_v1_VMMetrics__Output } from './limiquantix/node/v1/VMMetrics.ts';
import type { VMSpec as _limiquantix_node_v1_VMSpec, VMSpec__Output as _limiquantix_node_v1_VMSpec__Output } from './limiquantix/node/v1/VMSpec.ts';
import type { VMStatusResponse as _limiquantix_node_v1_VMStatusResponse, VMStatusResponse__Output as _limiquantix_node_v1_VMStatusResponse__Output } from './limiquantix/node/v1/VMStatusResponse.ts';
import type { VolumeAttachInfoResponse as _limiquantix_node_v1_VolumeAttachInfoResponse, VolumeAttachInfoResponse__Output as _limiquantix_node_v1_VolumeAttachInfoResponse__Output } from './limiquantix/node/v1/VolumeAttachInfoResponse.ts';
import type { VolumeIdRequest as _limiquantix_node_v1_VolumeIdRequest, VolumeIdRequest__Output as _limiquantix_node_v1_VolumeIdRequest__Output } from './limiquantix/node/v1/VolumeIdRequest.ts';
import type { VolumeInfoResponse as _limiquantix_node_v1_VolumeInfoResponse, VolumeInfoResponse__Output as _limiquantix_node_v1_VolumeInfoResponse__Output } from './limiquantix/node/v1/VolumeInfoResponse.ts';
import type { WriteGuestFileRequest as _limiquantix_node_v1_WriteGuestFileRequest, WriteGuestFileRequest__Output as _limiquantix_node_v1_WriteGuestFileRequest__Output } from './limiquantix/node/v1/WriteGuestFileRequest.ts';
import type { WriteGuestFileResponse as _limiquantix_node_v1_WriteGuestFileResponse, WriteGuestFileResponse__Output as _limiquantix_node_v1_WriteGuestFileResponse__Output } from './limiquantix/node/v1/WriteGuestFileResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  google: {
    protobuf: {
      Empty: MessageTypeDefinition<_google_protobuf_Empty, _google_protobuf_Empty__Output>
      Timestamp: MessageTypeDefinition<_google_protobuf_Timestamp, _google_protobuf_Timestamp__Output>
    }
  }
  limiquantix: {
    node: {
      v1: {
        AgentPingResponse: MessageTypeDefinition<_limiquantix_node_v1_AgentPingResponse, _limiquantix_node_v1_AgentPingResponse__Output>
        AttachDiskRequest: MessageTypeDefinition<_limiquantix_node_v1_AttachDiskRequest, _limiquantix_node_v1_AttachDiskRequest__Output>
        AttachNICRequest: MessageTypeDefinition<_limiquantix_node_v1_AttachNICRequest, _limiquantix_node_v1_AttachNICRequest__Output>
        BootDevice: EnumTypeDefinition
        CdromSpec: MessageTypeDefinition<_limiquantix_node_v1_CdromSpec, _limiquantix_node_v1_CdromSpec__Output>
        CephPoolConfig: MessageTypeDefinition<_limiquantix_node_v1_CephPoolConfig, _limiquantix_node_v1_CephPoolConfig__Output>
        ChangeMediaRequest: MessageTypeDefinition<_limiquantix_node_v1_ChangeMediaRequest, _limiquantix_node_v1_ChangeMediaRequest__Output>
        CloneVolumeRequest: MessageTypeDefinition<_limiquantix_node_v1_CloneVolumeRequest, _limiquantix_node_v1_CloneVolumeRequest__Output>
        CloudInitConfig: MessageTypeDefinition<_limiquantix_node_v1_CloudInitConfig, _limiquantix_node_v1_CloudInitConfig__Output>
        ConsoleInfoResponse: MessageTypeDefinition<_limiquantix_node_v1_ConsoleInfoResponse, _limiquantix_node_v1_ConsoleInfoResponse__Output>
        ConsoleSpec: MessageTypeDefinition<_limiquantix_node_v1_ConsoleSpec, _limiquantix_node_v1_ConsoleSpec__Output>
        CreateSnapshotRequest: MessageTypeDefinition<_limiquantix_node_v1_CreateSnapshotRequest, _limiquantix_node_v1_CreateSnapshotRequest__Output>
        CreateVMOnNodeRequest: MessageTypeDefinition<_limiquantix_node_v1_CreateVMOnNodeRequest, _limiquantix_node_v1_CreateVMOnNodeRequest__Output>
        CreateVMOnNodeResponse: MessageTypeDefinition<_limiquantix_node_v1_CreateVMOnNodeResponse, _limiquantix_node_v1_CreateVMOnNodeResponse__Output>
        CreateVolumeRequest: MessageTypeDefinition<_limiquantix_node_v1_CreateVolumeRequest, _limiquantix_node_v1_CreateVolumeRequest__Output>
        CreateVolumeSnapshotRequest: MessageTypeDefinition<_limiquantix_node_v1_CreateVolumeSnapshotRequest, _limiquantix_node_v1_CreateVolumeSnapshotRequest__Output>
        DeleteSnapshotRequest: MessageTypeDefinition<_limiquantix_node_v1_DeleteSnapshotRequest, _limiquantix_node_v1_DeleteSnapshotRequest__Output>
        DetachDiskRequest: MessageTypeDefinition<_limiquantix_node_v1_DetachDiskRequest, _limiquantix_node_v1_DetachDiskRequest__Output>
        DetachNICRequest: MessageTypeDefinition<_limiquantix_node_v1_DetachNICRequest, _limiquantix_node_v1_DetachNICRequest__Output>
        DiskBus: EnumTypeDefinition
        DiskFormat: EnumTypeDefinition
        DiskSpec: MessageTypeDefinition<_limiquantix_node_v1_DiskSpec, _limiquantix_node_v1_DiskSpec__Output>
        EventType: EnumTypeDefinition
        ExecuteInGuestRequest: MessageTypeDefinition<_limiquantix_node_v1_ExecuteInGuestRequest, _limiquantix_node_v1_ExecuteInGuestRequest__Output>
        ExecuteInGuestResponse: MessageTypeDefinition<_limiquantix_node_v1_ExecuteInGuestResponse, _limiquantix_node_v1_ExecuteInGuestResponse__Output>
        Firmware: EnumTypeDefinition
        FrozenFilesystem: MessageTypeDefinition<_limiquantix_node_v1_FrozenFilesystem, _limiquantix_node_v1_FrozenFilesystem__Output>
        GetVMLogsRequest: MessageTypeDefinition<_limiquantix_node_v1_GetVMLogsRequest, _limiquantix_node_v1_GetVMLogsRequest__Output>
        GetVMLogsResponse: MessageTypeDefinition<_limiquantix_node_v1_GetVMLogsResponse, _limiquantix_node_v1_GetVMLogsResponse__Output>
        GuestAgentInfo: MessageTypeDefinition<_limiquantix_node_v1_GuestAgentInfo, _limiquantix_node_v1_GuestAgentInfo__Output>
        GuestDiskUsage: MessageTypeDefinition<_limiquantix_node_v1_GuestDiskUsage, _limiquantix_node_v1_GuestDiskUsage__Output>
        GuestNetworkInterface: MessageTypeDefinition<_limiquantix_node_v1_GuestNetworkInterface, _limiquantix_node_v1_GuestNetworkInterface__Output>
        GuestResourceUsage: MessageTypeDefinition<_limiquantix_node_v1_GuestResourceUsage, _limiquantix_node_v1_GuestResourceUsage__Output>
        GuestShutdownRequest: MessageTypeDefinition<_limiquantix_node_v1_GuestShutdownRequest, _limiquantix_node_v1_GuestShutdownRequest__Output>
        GuestShutdownResponse: MessageTypeDefinition<_limiquantix_node_v1_GuestShutdownResponse, _limiquantix_node_v1_GuestShutdownResponse__Output>
        GuestUser: MessageTypeDefinition<_limiquantix_node_v1_GuestUser, _limiquantix_node_v1_GuestUser__Output>
        HealthCheckRequest: MessageTypeDefinition<_limiquantix_node_v1_HealthCheckRequest, _limiquantix_node_v1_HealthCheckRequest__Output>
        HealthCheckResponse: MessageTypeDefinition<_limiquantix_node_v1_HealthCheckResponse, _limiquantix_node_v1_HealthCheckResponse__Output>
        ImageInfo: MessageTypeDefinition<_limiquantix_node_v1_ImageInfo, _limiquantix_node_v1_ImageInfo__Output>
        InitStoragePoolRequest: MessageTypeDefinition<_limiquantix_node_v1_InitStoragePoolRequest, _limiquantix_node_v1_InitStoragePoolRequest__Output>
        IscsiPoolConfig: MessageTypeDefinition<_limiquantix_node_v1_IscsiPoolConfig, _limiquantix_node_v1_IscsiPoolConfig__Output>
        ListImagesResponse: MessageTypeDefinition<_limiquantix_node_v1_ListImagesResponse, _limiquantix_node_v1_ListImagesResponse__Output>
        ListSnapshotsResponse: MessageTypeDefinition<_limiquantix_node_v1_ListSnapshotsResponse, _limiquantix_node_v1_ListSnapshotsResponse__Output>
        ListStoragePoolFilesRequest: MessageTypeDefinition<_limiquantix_node_v1_ListStoragePoolFilesRequest, _limiquantix_node_v1_ListStoragePoolFilesRequest__Output>
        ListStoragePoolFilesResponse: MessageTypeDefinition<_limiquantix_node_v1_ListStoragePoolFilesResponse, _limiquantix_node_v1_ListStoragePoolFilesResponse__Output>
        ListStoragePoolsResponse: MessageTypeDefinition<_limiquantix_node_v1_ListStoragePoolsResponse, _limiquantix_node_v1_ListStoragePoolsResponse__Output>
        ListVMsOnNodeResponse: MessageTypeDefinition<_limiquantix_node_v1_ListVMsOnNodeResponse, _limiquantix_node_v1_ListVMsOnNodeResponse__Output>
        ListVolumesRequest: MessageTypeDefinition<_limiquantix_node_v1_ListVolumesRequest, _limiquantix_node_v1_ListVolumesRequest__Output>
        ListVolumesResponse: MessageTypeDefinition<_limiquantix_node_v1_ListVolumesResponse, _limiquantix_node_v1_ListVolumesResponse__Output>
        LocalDirPoolConfig: MessageTypeDefinition<_limiquantix_node_v1_LocalDirPoolConfig, _limiquantix_node_v1_LocalDirPoolConfig__Output>
        NfsPoolConfig: MessageTypeDefinition<_limiquantix_node_v1_NfsPoolConfig, _limiquantix_node_v1_NfsPoolConfig__Output>
        NicModel: EnumTypeDefinition
        NicSpec: MessageTypeDefinition<_limiquantix_node_v1_NicSpec, _limiquantix_node_v1_NicSpec__Output>
        /**
         * What one hypervisor node does for whoever controls it. An error carries a google.rpc.ErrorInfo with a stable reason. A
         * call whose deadline passes stops waiting; the work that it began goes on, and the VM's status tells of it.
         */
        NodeDaemonService: SubtypeConstructor<typeof grpc.Client, _limiquantix_node_v1_NodeDaemonServiceClient> & { service: _limiquantix_node_v1_NodeDaemonServiceDefinition }
        NodeEvent: MessageTypeDefinition<_limiquantix_node_v1_NodeEvent, _limiquantix_node_v1_NodeEvent__Output>
        NodeInfoResponse: MessageTypeDefinition<_limiquantix_node_v1_NodeInfoResponse, _limiquantix_node_v1_NodeInfoResponse__Output>
        NodeMetrics: MessageTypeDefinition<_limiquantix_node_v1_NodeMetrics, _limiquantix_node_v1_NodeMetrics__Output>
        PowerState: EnumTypeDefinition
        QuiesceFilesystemsRequest: MessageTypeDefinition<_limiquantix_node_v1_QuiesceFilesystemsRequest, _limiquantix_node_v1_QuiesceFilesystemsRequest__Output>
        QuiesceFilesystemsResponse: MessageTypeDefinition<_limiquantix_node_v1_QuiesceFilesystemsResponse, _limiquantix_node_v1_QuiesceFilesystemsResponse__Output>
        ReadGuestFileRequest: MessageTypeDefinition<_limiquantix_node_v1_ReadGuestFileRequest, _limiquantix_node_v1_ReadGuestFileRequest__Output>
        ReadGuestFileResponse: MessageTypeDefinition<_limiquantix_node_v1_ReadGuestFileResponse, _limiquantix_node_v1_ReadGuestFileResponse__Output>
        ResizeVolumeRequest: MessageTypeDefinition<_limiquantix_node_v1_ResizeVolumeRequest, _limiquantix_node_v1_ResizeVolumeRequest__Output>
        RevertSnapshotRequest: MessageTypeDefinition<_limiquantix_node_v1_RevertSnapshotRequest, _limiquantix_node_v1_RevertSnapshotRequest__Output>
        SnapshotResponse: MessageTypeDefinition<_limiquantix_node_v1_SnapshotResponse, _limiquantix_node_v1_SnapshotResponse__Output>
        StopVMRequest: MessageTypeDefinition<_limiquantix_node_v1_StopVMRequest, _limiquantix_node_v1_StopVMRequest__Output>
        StoragePoolConfig: MessageTypeDefinition<_limiquantix_node_v1_StoragePoolConfig, _limiquantix_node_v1_StoragePoolConfig__Output>
        StoragePoolFileEntry: MessageTypeDefinition<_limiquantix_node_v1_StoragePoolFileEntry, _limiquantix_node_v1_StoragePoolFileEntry__Output>
        StoragePoolIdRequest: MessageTypeDefinition<_limiquantix_node_v1_StoragePoolIdRequest, _limiquantix_node_v1_StoragePoolIdRequest__Output>
        StoragePoolInfoResponse: MessageTypeDefinition<_limiquantix_node_v1_StoragePoolInfoResponse, _limiquantix_node_v1_StoragePoolInfoResponse__Output>
        StoragePoolType: EnumTypeDefinition
        StreamMetricsRequest: MessageTypeDefinition<_limiquantix_node_v1_StreamMetricsRequest, _limiquantix_node_v1_StreamMetricsRequest__Output>
        SyncTimeRequest: MessageTypeDefinition<_limiquantix_node_v1_SyncTimeRequest, _limiquantix_node_v1_SyncTimeRequest__Output>
        SyncTimeResponse: MessageTypeDefinition<_limiquantix_node_v1_SyncTimeResponse, _limiquantix_node_v1_SyncTimeResponse__Output>
        ThawFilesystemsRequest: MessageTypeDefinition<_limiquantix_node_v1_ThawFilesystemsRequest, _limiquantix_node_v1_ThawFilesystemsRequest__Output>
        ThawFilesystemsResponse: MessageTypeDefinition<_limiquantix_node_v1_ThawFilesystemsResponse, _limiquantix_node_v1_ThawFilesystemsResponse__Output>
        VMIdRequest: MessageTypeDefinition<_limiquantix_node_v1_VMIdRequest, _limiquantix_node_v1_VMIdRequest__Output>
        VMMetrics: MessageTypeDefinition<_limiquantix_node_v1_VMMetrics, _limiquantix_node_v1_VMMetrics__Output>
        VMSpec: MessageTypeDefinition<_limiquantix_node_v1_VMSpec, _limiquantix_node_v1_VMSpec__Output>
        VMStatusResponse: MessageTypeDefinition<_limiquantix_node_v1_VMStatusResponse, _limiquantix_node_v1_VMStatusResponse__Output>
        VolumeAttachInfoResponse: MessageTypeDefinition<_limiquantix_node_v1_VolumeAttachInfoResponse, _limiquantix_node_v1_VolumeAttachInfoResponse__Output>
        VolumeIdRequest: MessageTypeDefinition<_limiquantix_node_v1_VolumeIdRequest, _limiquantix_node_v1_VolumeIdRequest__Output>
        VolumeInfoResponse: MessageTypeDefinition<_limiquantix_node_v1_VolumeInfoResponse, _limiquantix_node_v1_VolumeInfoResponse__Output>
        VolumeSourceType: EnumTypeDefinition
        WriteGuestFileRequest: MessageTypeDefinition<_limiquantix_node_v1_WriteGuestFileRequest, _limiquantix_node_v1_WriteGuestFileRequest__Output>
        WriteGuestFileResponse: MessageTypeDefinition<_limiquantix_node_v1_WriteGuestFileResponse, _limiquantix_node_v1_WriteGuestFileResponse__Output>
      }
    }
  }
}

