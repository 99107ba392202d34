-- What VMs had before it could be chosen.
UPDATE "vms" SET "spec" = jsonb_build_object(
    'guestOs', 'generic',
    'firmware', 'bios',
    'secureBoot', false,
    'tpm', false,
    'bootOrder', array_remove(ARRAY[
      CASE WHEN "spec" @? '$.disks[0]' THEN 'disk' END,
      CASE WHEN "spec" @? '$.cdroms[0]' THEN 'cdrom' END], NULL),
    'clock', '{"offset": "utc", "hpet": false, "kvmclock": true, "hypervclock": false}'::jsonb,
    'hyperv', '[]'::jsonb,
    'display', '{"type": "vnc"}'::jsonb,
    'video', '{"model": "vga", "memoryKib": 16384}'::jsonb,
    'serial', '{"log": false}'::jsonb,
    'watchdog', NULL,
    'rng', true
  ) || "spec" || jsonb_build_object(
    'memory', '{"hugepages": false}'::jsonb || coalesce("spec" -> 'memory', '{}'),
    'disks', (
      SELECT coalesce(jsonb_agg('{"bus": "virtio", "cache": "writeback", "io": "threads", "discard": "unmap", "readOnly": false}'::jsonb
        || "item" ORDER BY n), '[]')
      FROM jsonb_array_elements("spec" -> 'disks') WITH ORDINALITY AS "disk" ("item", n)),
    'nics', (
      SELECT coalesce(jsonb_agg('{"model": "virtio"}'::jsonb || "item" ORDER BY n), '[]')
      FROM jsonb_array_elements("spec" -> 'nics') WITH ORDINALITY AS "nic" ("item", n)));
