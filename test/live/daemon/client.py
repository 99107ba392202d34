"""Drives a VM with a guest agent through its life, by a client that was generated from the .proto file alone.

usage: client.py ADDRESS VM_ID ISO, with the generated modules on PYTHONPATH
"""
import sys
import time
import uuid

import grpc
from google.protobuf.empty_pb2 import Empty
from limiquantix.node.v1 import node_daemon_pb2 as node
from limiquantix.node.v1 import node_daemon_pb2_grpc as service

address, vm_id, iso = sys.argv[1:]
daemon = service.NodeDaemonServiceStub(grpc.insecure_channel(address))
vm = node.VMIdRequest(vm_id=vm_id)


def call(method, request):
    return method(request, timeout=60)


def state():
    return node.PowerState.Name(call(daemon.GetVMStatus, vm).state)


def expect(found, wanted):
    if found != wanted:
        sys.exit(f"{found!r} is not {wanted!r}")
    print(found)


def refused(method, request, code):
    try:
        call(method, request)
    except grpc.RpcError as error:
        expect(error.code().name, code)
    else:
        sys.exit(f"{request} was not refused")


def execute(script, **parts):
    return node.ExecuteInGuestRequest(vm_id=vm_id, command="sh", args=["-c", script], wait_for_exit=True, **parts)


def quiesce(**parts):
    return node.QuiesceFilesystemsRequest(vm_id=vm_id, **parts)


def thaw(token, **parts):
    return node.ThawFilesystemsRequest(vm_id=vm_id, quiesce_token=token, **parts)


def wait_for_agent():
    # A guest that is emulated on a busy machine takes its time to boot.
    end = time.monotonic() + 90
    while not call(daemon.PingAgent, vm).connected:
        if time.monotonic() > end:
            sys.exit("no guest agent")
        time.sleep(0.2)
    print("the agent answers")


spec = node.VMSpec(
    cpu_cores=1,
    memory_mib=256,
    disks=[node.DiskSpec(size_gib=1)],
    cdroms=[node.CdromSpec(iso_path=iso)],
    cpu_mode="host-model",
)
expect(call(daemon.CreateVM, node.CreateVMOnNodeRequest(vm_id=vm_id, name="from-python", spec=spec)).created, True)
refused(daemon.QuiesceFilesystems, quiesce(), "FAILED_PRECONDITION")
call(daemon.StartVM, vm)
expect(state(), "POWER_STATE_RUNNING")

wait_for_agent()
expect(call(daemon.ExecuteInGuest, execute("echo before > /disk/note; cat /disk/note")).stdout, "before\n")
noise = call(daemon.ExecuteInGuest, execute("head -c 10000000 /dev/zero", max_output_bytes=1000))
expect((noise.success, len(noise.stdout), noise.stdout_truncated), (True, 1000, True))

# What cannot be asked for, by the book; the guest is frozen by none of it.
refused(daemon.PingAgent, node.VMIdRequest(vm_id=str(uuid.uuid4())), "NOT_FOUND")
refused(daemon.QuiesceFilesystems, node.QuiesceFilesystemsRequest(vm_id=str(uuid.uuid4())), "NOT_FOUND")
refused(daemon.ReadGuestFile, node.ReadGuestFileRequest(vm_id=vm_id, path="/disk/../etc/passwd"), "INVALID_ARGUMENT")
refused(daemon.ExecuteInGuest, execute("true", max_output_bytes=100_000_000), "INVALID_ARGUMENT")
refused(daemon.QuiesceFilesystems, quiesce(mount_points=["/disk", "/no/such/place"]), "INVALID_ARGUMENT")
refused(daemon.QuiesceFilesystems, quiesce(timeout_seconds=601), "INVALID_ARGUMENT")
refused(daemon.ThawFilesystems, thaw(str(uuid.uuid4())), "FAILED_PRECONDITION")
expect(call(daemon.ExecuteInGuest, execute("cat /disk/note")).stdout, "before\n")

frozen = call(daemon.QuiesceFilesystems, quiesce(mount_points=["/disk"], timeout_seconds=60))
expect([(one.mount_point, one.filesystem, one.frozen, one.error) for one in frozen.frozen], [("/disk", "ext4", True, "")])
refused(daemon.ExecuteInGuest, execute("true"), "FAILED_PRECONDITION")
refused(daemon.QuiesceFilesystems, quiesce(), "FAILED_PRECONDITION")
refused(daemon.PauseVM, vm, "FAILED_PRECONDITION")
refused(daemon.CreateSnapshot, node.CreateSnapshotRequest(vm_id=vm_id, name="memory"), "FAILED_PRECONDITION")
taken = call(daemon.CreateSnapshot, node.CreateSnapshotRequest(vm_id=vm_id, name="one", disk_only=True))
expect((taken.name, taken.consistency, taken.notice), ("one", "quiesced", ""))
refused(daemon.ThawFilesystems, thaw(str(uuid.uuid4())), "FAILED_PRECONDITION")
refused(daemon.ThawFilesystems, thaw(frozen.quiesce_token, mount_points=["/disk"]), "INVALID_ARGUMENT")
thawed = call(daemon.ThawFilesystems, thaw(frozen.quiesce_token))
expect((thawed.success, list(thawed.thawed_mount_points), thawed.frozen_duration_ms > 0), (True, ["/disk"], True))
refused(daemon.ThawFilesystems, thaw(frozen.quiesce_token), "FAILED_PRECONDITION")
expect(call(daemon.ExecuteInGuest, execute("echo after > /disk/note; sync; cat /disk/note")).stdout, "after\n")

snapshot = {"vm_id": vm_id, "snapshot_id": taken.snapshot_id}
call(daemon.RevertSnapshot, node.RevertSnapshotRequest(**snapshot))
expect(state(), "POWER_STATE_STOPPED")
call(daemon.StartVM, vm)
wait_for_agent()
expect(call(daemon.ExecuteInGuest, execute("cat /disk/note")).stdout, "before\n")

call(daemon.DeleteSnapshot, node.DeleteSnapshotRequest(**snapshot))
expect([one.name for one in call(daemon.ListSnapshots, vm).snapshots], ["before-revert-to-one"])
call(daemon.ForceStopVM, vm)
call(daemon.DeleteVM, vm)
expect(len(call(daemon.ListVMs, Empty()).vms), 0)
refused(daemon.StartVM, vm, "NOT_FOUND")
