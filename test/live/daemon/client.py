"""Drives a VM through a part of its life, by a client that was generated from the .proto file alone.

usage: client.py ADDRESS VM_ID, with the generated modules on PYTHONPATH
"""
import sys

import grpc
from google.protobuf.empty_pb2 import Empty
from limiquantix.node.v1 import node_daemon_pb2 as node
from limiquantix.node.v1 import node_daemon_pb2_grpc as service

address, vm_id = sys.argv[1:]
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


spec = node.VMSpec(cpu_cores=1, memory_mib=64, disks=[node.DiskSpec(size_gib=1)], cpu_mode="host-model")
expect(call(daemon.CreateVM, node.CreateVMOnNodeRequest(vm_id=vm_id, name="from-python", spec=spec)).created, True)
call(daemon.StartVM, vm)
expect(state(), "POWER_STATE_RUNNING")
call(daemon.PauseVM, vm)
expect(state(), "POWER_STATE_PAUSED")
call(daemon.ResumeVM, vm)
taken = call(daemon.CreateSnapshot, node.CreateSnapshotRequest(vm_id=vm_id, name="one", disk_only=True))
expect(taken.name, "one")
snapshot = {"vm_id": vm_id, "snapshot_id": taken.snapshot_id}
call(daemon.RevertSnapshot, node.RevertSnapshotRequest(**snapshot))
expect(state(), "POWER_STATE_STOPPED")
call(daemon.DeleteSnapshot, node.DeleteSnapshotRequest(**snapshot))
expect([one.name for one in call(daemon.ListSnapshots, vm).snapshots], ["before-revert-to-one"])
call(daemon.DeleteVM, vm)
expect(len(call(daemon.ListVMs, Empty()).vms), 0)
try:
    call(daemon.StartVM, vm)
except grpc.RpcError as error:
    expect(error.code().name, "NOT_FOUND")
else:
    sys.exit("a VM that is gone was started")
