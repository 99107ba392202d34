-- Until now the node named the drives, in their order, and libvirt drew the addresses of network cards: those of VMs
-- that exist are known to libvirt alone, so that theirs here are new.
UPDATE "vms" SET "spec" = "spec" || jsonb_build_object(
  'disks', (
    SELECT coalesce(jsonb_agg(jsonb_build_object('target', 'vd' || chr(96 + n::integer)) || "item" ORDER BY n), '[]')
    FROM jsonb_array_elements("spec" -> 'disks') WITH ORDINALITY AS "disk" ("item", n)),
  'cdroms', (
    SELECT coalesce(jsonb_agg(jsonb_build_object('target', 'sd' || chr(96 + n::integer)) || "item" ORDER BY n), '[]')
    FROM jsonb_array_elements("spec" -> 'cdroms') WITH ORDINALITY AS "cdrom" ("item", n)),
  'nics', (
    SELECT coalesce(jsonb_agg(jsonb_build_object('mac', concat_ws(':', '52:54:00',
      substr(md5("id"::text || n), 1, 2), substr(md5("id"::text || n), 3, 2), substr(md5("id"::text || n), 5, 2)))
      || "item" ORDER BY n), '[]')
    FROM jsonb_array_elements("spec" -> 'nics') WITH ORDINALITY AS "nic" ("item", n)));
