import { describe, expect, test } from 'vitest'
import { errorRecord } from '#db/errors.ts'
import { type CpuFacts, memorySnapshotBlocked, memorySnapshotBlockedError } from '#db/rules/memory-snapshot.ts'
import type { CpuFeaturePolicy } from '#db/vm-spec.ts'

const cpu = (
  mode: CpuFacts['mode'],
  migratable: CpuFacts['migratable'] = null,
  invtscPolicy: CpuFeaturePolicy | null = null,
  tscFrequencyHz: number | null = null,
): CpuFacts => ({ mode, migratable, invtscPolicy, tscFrequencyHz })

const pinned = 2_596_126_000

/** What libvirt 9.0.0 with QEMU 7.2 answered to memory snapshots of running and of paused domains (test/live/hypervisor asks it again). */
const observed: [string, CpuFacts, 'blocked' | 'ok'][] = [
  ['host-model as it runs', cpu('custom'), 'ok'],
  ['host-model as it is defined', cpu('host-model'), 'ok'],
  ['host-passthrough, migratable on', cpu('host-passthrough', 'on'), 'ok'],
  ['bare host-passthrough, to which libvirt adds migratable on', cpu('host-passthrough', 'on'), 'ok'],
  ['host-passthrough, migratable off', cpu('host-passthrough', 'off'), 'blocked'],
  ['host-passthrough, migratable off, invtsc required', cpu('host-passthrough', 'off', 'require'), 'blocked'],
  ['host-passthrough, migratable off, invtsc disabled', cpu('host-passthrough', 'off', 'disable'), 'ok'],
  ['host-passthrough, migratable on, invtsc required', cpu('host-passthrough', 'on', 'require'), 'blocked'],
  ['host-model, invtsc required', cpu('custom', null, 'require'), 'blocked'],
  ['host-model, invtsc forced', cpu('custom', null, 'force'), 'blocked'],
  ['host-model, invtsc optional, which runs as disabled', cpu('custom', null, 'disable'), 'ok'],
  ['host-passthrough, migratable on, invtsc forced', cpu('host-passthrough', 'on', 'force'), 'blocked'],
  ['host-passthrough, migratable on, invtsc optional', cpu('host-passthrough', 'on', 'optional'), 'ok'],
  ['host-passthrough, migratable off, invtsc forced', cpu('host-passthrough', 'off', 'force'), 'blocked'],
  ['host-passthrough, migratable off, invtsc optional', cpu('host-passthrough', 'off', 'optional'), 'blocked'],
  ['host-passthrough, migratable off, invtsc forbidden', cpu('host-passthrough', 'off', 'forbid'), 'ok'],
  ['maximum, migratable on', cpu('maximum', 'on'), 'ok'],
  ['maximum, migratable off', cpu('maximum', 'off'), 'blocked'],
  ['host-passthrough, migratable off, TSC pinned', cpu('host-passthrough', 'off', null, pinned), 'ok'],
  [
    'host-passthrough, migratable off, invtsc required, TSC pinned',
    cpu('host-passthrough', 'off', 'require', pinned),
    'ok',
  ],
  ['host-model, invtsc required, TSC pinned', cpu('custom', null, 'require', pinned), 'ok'],
]

describe('a memory snapshot is refused exactly when libvirt would refuse it', () => {
  test.for(observed)('%s', ([, facts, expected]) => {
    expect(memorySnapshotBlocked(facts) ? 'blocked' : 'ok').toBe(expected)
  })
})

const changeOf = (spec: object) => ({ spec, call: { method: 'PATCH', path: '/api/v1/vms/vm-1', body: { spec } } })

test('the refusal is the published text, byte for byte, and names the ways out for programs', () => {
  const facts = cpu('host-passthrough', 'off')
  expect(errorRecord(memorySnapshotBlockedError('vm-1', facts))).toEqual({
    code: 'internal',
    message: [
      'Memory snapshots are not supported with host-passthrough CPU.',
      "This VM uses the 'invtsc' CPU flag which prevents memory state capture.",
      'This is a fundamental limitation of libvirt/QEMU (not Quantix).',
      '',
      'Options:',
      "1. Create a disk-only snapshot (uncheck 'Include memory state')",
      '2. Stop the VM first, then take a snapshot',
      "3. Reconfigure the VM to use 'host-model' CPU instead of 'host-passthrough'",
    ].join('\n'),
    reason: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU',
    details: {
      vmId: 'vm-1',
      cpu: facts,
      blockedBy: 'invtsc',
      remedies: [
        { action: 'TAKE_DISK_ONLY_SNAPSHOT', request: { includeMemory: false }, needsRestart: false },
        { action: 'STOP_THEN_SNAPSHOT', request: { includeMemory: false }, needsRestart: true },
        { action: 'CHANGE_CPU_MODE', ...changeOf({ cpuMode: 'host-model' }), needsRestart: true },
        { action: 'PIN_TSC', ...changeOf({ cpu: { pinnedTsc: true } }), needsRestart: true },
      ],
    },
  })
})

test('only a VM that gets the whole CPU is told to pin its TSC', () => {
  const error = memorySnapshotBlockedError('vm-1', cpu('custom', null, 'require'))
  const { remedies } = error.details as { remedies: { action: string }[] }
  expect(remedies.map(({ action }) => action)).toEqual([
    'TAKE_DISK_ONLY_SNAPSHOT',
    'STOP_THEN_SNAPSHOT',
    'CHANGE_CPU_MODE',
  ])
})
