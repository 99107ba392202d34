-- The name is told, for it is how people know the VM; what a description or a label said is not.
CREATE FUNCTION "record_vm_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "renamed" boolean := OLD."name" <> NEW."name";
  "fields" text[] := array_remove(ARRAY[
    CASE WHEN "renamed" THEN 'name' END,
    CASE WHEN OLD."description" <> NEW."description" THEN 'description' END,
    CASE WHEN OLD."labels" <> NEW."labels" THEN 'labels' END], NULL);
BEGIN
  INSERT INTO "events" ("vm_id", "node_id", "type", "severity", "actor", "message", "details")
  VALUES (NEW."id", NEW."node_id", 'vm.changed', 'info', 'user',
    'Changed: ' || array_to_string(array_replace("fields", 'name', concat('name (', OLD."name", ' → ', NEW."name", ')')), ', '),
    jsonb_build_object('fields', "fields")
      || CASE WHEN "renamed" THEN jsonb_build_object('from', OLD."name", 'to', NEW."name") ELSE '{}' END);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "vms_changed" AFTER UPDATE OF "name", "description", "labels" ON "vms" FOR EACH ROW
  WHEN (OLD."name" <> NEW."name" OR OLD."description" <> NEW."description" OR OLD."labels" <> NEW."labels")
  EXECUTE FUNCTION "record_vm_changed"();
