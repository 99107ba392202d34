import { expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { translateError } from '#worker/hypervisor/libvirt/errors.ts'
import { LibvirtConnectionError, LibvirtError } from '#worker/hypervisor/libvirt/rpc/errors.ts'

const libvirt = (code: number, message: string) =>
  new LibvirtError('domainCreateWithFlags', {
    code,
    domain: 10,
    message,
    level: 2,
    dom: null,
    str1: null,
    str2: null,
    str3: null,
    int1: 0,
    int2: 0,
    net: null,
  })

/** Codes and texts of libvirt 9.0.0 and 11.3.0. */
test.for([
  [42, "Domain not found: no domain with matching uuid '…'", 'not_found', 'VM_NOT_ON_NODE'],
  [9, "operation failed: domain 'web-1' already exists with uuid …", 'already_exists', 'NAME_TAKEN'],
  [43, "Network not found: no network with matching name 'lab'", 'failed_precondition', 'NETWORK_NOT_FOUND'],
  [
    55,
    "Requested operation is not valid: network 'default' is not active",
    'failed_precondition',
    'NETWORK_NOT_ACTIVE',
  ],
  [55, 'Requested operation is not valid: domain is already running', 'failed_precondition', 'HYPERVISOR_REFUSED'],
  [
    67,
    'unsupported configuration: Requested TSC frequency 1000000000 Hz is outside tolerance range …',
    'failed_precondition',
    'TSC_FREQUENCY_NOT_POSSIBLE',
  ],
  [67, 'unsupported configuration: CPU mode …', 'failed_precondition', 'UNSUPPORTED_BY_NODE'],
  [92, 'XML document failed to validate against schema', 'invalid_argument', 'DEFINITION_REFUSED'],
  [
    1,
    "internal error: unable to execute QEMU command 'migrate': Can't migrate the vm that was paused due to previous migration",
    'failed_precondition',
    'VM_IS_PAUSED',
  ],
  [83, "block copy still active: disk 'vda' already in active block job", 'failed_precondition', 'DISK_JOB_NOT_OVER'],
  [68, 'Timed out during operation: cannot acquire state change lock', 'unavailable', 'HYPERVISOR_BUSY'],
  [1, "internal error: pool 'x' has asynchronous jobs running.", 'unavailable', 'HYPERVISOR_BUSY'],
  [
    86,
    'Guest agent is not responding: QEMU guest agent is not connected',
    'failed_precondition',
    'GUEST_AGENT_NOT_CONNECTED',
  ],
  [38, "cannot fill file '/x': No space left on device", 'resource_exhausted', 'NODE_DISK_FULL'],
  [
    1,
    'qemu-system-x86_64: cannot set up guest memory: Cannot allocate memory',
    'resource_exhausted',
    'NODE_OUT_OF_MEMORY',
  ],
  [1, 'internal error: failed to parse JSON: nesting too deep', 'resource_exhausted', 'CHAIN_TOO_DEEP'],
  [
    1,
    'internal error: backing store for /x is self-referential or too deeply nested',
    'resource_exhausted',
    'CHAIN_TOO_DEEP',
  ],
  [84, 'Operation not supported: …', 'unimplemented', 'UNSUPPORTED_BY_LIBVIRT'],
  [1, 'internal error: something else', 'internal', 'HYPERVISOR_ERROR'],
] as const)("libvirt's error %i (%s) reaches users as %s %s", ([code, message, expected, reason]) => {
  const cause = libvirt(code, message)
  expect(translateError(cause)).toMatchObject({ code: expected, reason, cause })
})

test.for(['unreachable', 'disconnected', 'closed', 'deadline', 'protocol'] as const)(
  'no answer (%s) leaves the outcome unknown, and is worth another try',
  (reason) => {
    const cause = new LibvirtConnectionError(reason, 'x', { maybeExecuted: true })
    expect(translateError(cause)).toMatchObject({ code: 'unavailable', reason: 'HYPERVISOR_UNAVAILABLE', cause })
  },
)

test('what is not of libvirt stays what it is', () => {
  const own = new AppError('not_found', 'x')
  const bug = new TypeError('x')
  expect(translateError(own)).toBe(own)
  expect(translateError(bug)).toBe(bug)
})
