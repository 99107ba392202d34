import { readFile } from 'node:fs/promises'
import postgres from 'postgres'
import { afterAll, expect, test } from 'vitest'
import { vmSpecSchema } from '#api/vms/spec-schema.ts'
import { openDatabase } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import { nodes } from '#db/schema/node.ts'
import { createTestDatabase } from '#test/support/database.ts'

const migrated = await createTestDatabase()
const administration = postgres(migrated.url, { max: 1, onnotice: () => {} })
const made: string[] = []
afterAll(async () => {
  for (const name of made) await administration.unsafe(`drop database ${name} with (force)`)
  await administration.end()
})

async function anEmptyDatabase(): Promise<string> {
  const name = `empty_${process.pid}_${made.length}`
  await administration.unsafe(`create database ${name}`)
  made.push(name)
  return Object.assign(new URL(migrated.url), { pathname: `/${name}` }).href
}

/** Runs one migration by itself. */
async function run(sql: postgres.Sql, migration: string): Promise<void> {
  const text = await readFile(new URL(`../../db/migrations/${migration}.sql`, import.meta.url), 'utf8')
  for (const statement of text.split('--> statement-breakpoint')) await sql.unsafe(statement)
}

test('of a VM whose snapshots were one line the last one is current after the upgrade', async () => {
  const sql = postgres(await anEmptyDatabase(), { max: 1, onnotice: () => {} })
  await run(sql, '0000_first')
  await sql`insert into nodes (id, name, hypervisor, cpu_count, memory_mib, cpu_modes)
    values ('00000000-0000-0000-0000-000000000001', 'n', 'libvirt', 1, 1, '[]')`
  await sql`insert into vms (id, name, node_id, spec, state)
    select ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'vm-' || n, nodes.id, '{"cpuMode": "host-model"}', 'STOPPED'
    from nodes, generate_series(1, 2) n`
  await sql`insert into snapshots (id, vm_id, name, include_memory, quiesce, state, taken_at)
    select gen_random_uuid(), '00000000-0000-0000-0000-000000000001', name, false, false, state::snapshot_state, taken::timestamptz
    from (values ('first', 'READY', '2026-01-01'), ('last', 'READY', '2026-01-03'), ('second', 'READY', '2026-01-02'),
      ('failed', 'FAILED', null)) as given (name, state, taken)`
  await run(sql, '0001_snapshot_tree')
  const current = await sql`select vms.name as vm, snapshots.name as snapshot
    from vms left join snapshots on snapshots.id = current_snapshot_id order by vms.name`
  expect([...current]).toEqual([
    { vm: 'vm-1', snapshot: 'last' },
    { vm: 'vm-2', snapshot: null },
  ])
  await sql.end()
})

const plainDisk = { bus: 'virtio', cache: 'writeback', io: 'threads', discard: 'unmap', readOnly: false }

test('a VM keeps the machine that it had, now that each part of it can be chosen', async () => {
  const sql = postgres(await anEmptyDatabase(), { max: 1, onnotice: () => {} })
  await run(sql, '0000_first')
  await run(sql, '0001_snapshot_tree')
  const id = '00000000-0000-0000-0000-000000000001'
  const cpu = { cores: 1, sockets: 1, threadsPerCore: 1, features: [] }
  const given = {
    cpuMode: 'host-model' as const,
    cpu,
    firmware: 'uefi' as const,
    memory: { sizeMib: 64 },
    disks: [{ sizeGib: 1 }, { baseImage: 'a.qcow2' }],
    cdroms: [{ iso: 'a.iso' }],
    nics: [{ network: 'a' }, { network: 'b' }],
  }
  await sql`insert into nodes (id, name, hypervisor, cpu_count, memory_mib, cpu_modes)
    values (${id}, 'n', 'libvirt', 1, 1, '[]')`
  await sql`insert into vms (id, name, node_id, spec, state) values (${id}, 'vm', ${id}, ${sql.json(given)}, 'STOPPED')`
  await run(sql, '0002_device_names')
  await run(sql, '0005_full_spec')
  await run(sql, '0007_spec_changes')
  await run(sql, '0011_vm_secrets')
  const [vm] = await sql`select spec from vms`
  await sql.end()
  const spec = vmSpecSchema.parse(vm?.spec)
  const macs = spec.nics.map(({ mac }) => mac)
  expect(new Set(macs).size).toBe(2)
  expect(spec).toEqual({
    ...given,
    guestOs: 'generic',
    memory: { sizeMib: 64, hugepages: false },
    secureBoot: false,
    tpm: false,
    bootOrder: ['disk', 'cdrom'],
    clock: { offset: 'utc', hpet: false, kvmclock: true, hypervclock: false },
    hyperv: [],
    disks: [
      { ...plainDisk, target: 'vda', sizeGib: 1 },
      { ...plainDisk, target: 'vdb', baseImage: 'a.qcow2' },
    ],
    cdroms: [{ target: 'sda', iso: 'a.iso' }],
    nics: [
      { mac: macs[0], model: 'virtio', network: 'a' },
      { mac: macs[1], model: 'virtio', network: 'b' },
    ],
    cloudInit: null,
    display: { type: 'vnc', passwordSet: false },
    video: { model: 'vga', memoryKib: 16_384 },
    serial: { log: false },
    watchdog: null,
    rng: true,
  })
})

test('many processes may migrate an empty database at once', async () => {
  const url = await anEmptyDatabase()
  const queue = { backend: 'postgres', url } as const
  await Promise.all(Array.from({ length: 8 }, () => migrate(url, { queue })))
  const db = openDatabase(url)
  expect(await db.drizzle.select().from(nodes)).toEqual([])
  const [applied] = await db.sql`select count(*)::int as times from drizzle.__drizzle_migrations`
  expect(applied?.times).toBeGreaterThan(0)
  const [bullmq] = await db.sql`select to_regclass('bullmq.job') is not null as there`
  expect(bullmq?.there).toBe(true)
  await migrate(url, { queue })
  const [again] = await db.sql`select count(*)::int as times from drizzle.__drizzle_migrations`
  expect(again?.times).toBe(applied?.times)
  await db.close()
})
