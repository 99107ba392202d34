CREATE TYPE "public"."event_actor" AS ENUM('user', 'schedule', 'guest', 'node', 'system');--> statement-breakpoint
CREATE TYPE "public"."event_severity" AS ENUM('info', 'warning', 'error');--> statement-breakpoint
CREATE TABLE "events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"vm_id" uuid NOT NULL,
	"node_id" uuid NOT NULL,
	"type" text NOT NULL,
	"severity" "event_severity" NOT NULL,
	"actor" "event_actor" NOT NULL,
	"operation_id" uuid,
	"message" text NOT NULL,
	"details" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "nodes" ADD COLUMN "silent_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "operations" ADD COLUMN "actor" "event_actor" DEFAULT 'user' NOT NULL;--> statement-breakpoint
CREATE INDEX "events_page" ON "events" USING btree ("vm_id","id");--> statement-breakpoint
-- History is written here, in the transaction of what happened. Many rows of one statement are one insert.
CREATE FUNCTION "record_operations_requested"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "events" ("vm_id", "node_id", "type", "severity", "actor", "operation_id", "message", "details")
  SELECT "vm_id", "node_id", 'operation.requested', 'info', "actor", "id", "kind" || ' was requested',
    jsonb_build_object('kind', "kind", 'input', "input" - 'vmId')
  FROM "added" ORDER BY "id";
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "operations_requested" AFTER INSERT ON "operations"
  REFERENCING NEW TABLE AS "added" FOR EACH STATEMENT EXECUTE FUNCTION "record_operations_requested"();--> statement-breakpoint
CREATE FUNCTION "record_operation_ended"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "events" ("vm_id", "node_id", "type", "severity", "actor", "operation_id", "message", "details")
  VALUES (NEW."vm_id", NEW."node_id", 'operation.' || NEW."status"::text,
    CASE WHEN NEW."status" = 'failed' THEN 'error' ELSE 'info' END::"event_severity", NEW."actor", NEW."id",
    concat(NEW."kind", ' ', NEW."status", ': ' || (NEW."error" ->> 'message')),
    jsonb_build_object('kind', NEW."kind", 'input', NEW."input" - 'vmId', 'attempt', NEW."attempt")
      || CASE WHEN NEW."error" IS NULL THEN '{}' ELSE jsonb_build_object('error', NEW."error") END);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "operations_ended" AFTER UPDATE OF "status" ON "operations" FOR EACH ROW
  WHEN (OLD."status" NOT IN ('succeeded', 'failed') AND NEW."status" IN ('succeeded', 'failed'))
  EXECUTE FUNCTION "record_operation_ended"();--> statement-breakpoint
-- Who changed a VM's state: what the statement says in `quantix.cause`, else the VM's operation that is unfinished or was
-- ended by this very transaction, else the control plane.
CREATE FUNCTION "record_vm_state_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "cause" jsonb := coalesce(nullif(current_setting('quantix.cause', true), ''), '{}');
  "operation" record;
BEGIN
  SELECT "id", "actor" INTO "operation" FROM "operations"
  WHERE "vm_id" = NEW."id" AND "status" IN ('queued', 'running', 'undoing');
  IF NOT FOUND THEN
    SELECT "id", "actor" INTO "operation" FROM (
      SELECT "id", "actor", xmin FROM "operations" WHERE "vm_id" = NEW."id" ORDER BY "id" DESC LIMIT 1) AS "last"
    WHERE xmin = pg_current_xact_id()::xid;
  END IF;
  INSERT INTO "events" ("vm_id", "node_id", "type", "severity", "actor", "operation_id", "message", "details")
  VALUES (NEW."id", NEW."node_id", 'vm.state-changed',
    coalesce("cause" ->> 'severity', CASE NEW."state" WHEN 'FAILED' THEN 'error' WHEN 'UNKNOWN' THEN 'warning' ELSE 'info' END)::"event_severity",
    coalesce(("cause" ->> 'actor')::"event_actor", "operation"."actor", 'system'), "operation"."id",
    concat(OLD."state", ' → ', NEW."state", ': ' || nullif(NEW."message", '')),
    jsonb_build_object('from', OLD."state", 'to', NEW."state") || coalesce("cause" -> 'details', '{}'));
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "vms_state_changed" AFTER UPDATE OF "state" ON "vms" FOR EACH ROW
  WHEN (OLD."state" IS DISTINCT FROM NEW."state") EXECUTE FUNCTION "record_vm_state_changed"();--> statement-breakpoint
CREATE FUNCTION "record_vm_disk_problem_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "events" ("vm_id", "node_id", "type", "severity", "actor", "message", "details")
  VALUES (NEW."id", NEW."node_id", 'vm.disk-problem-changed',
    CASE WHEN NEW."disk_problem" IS NULL THEN 'info' ELSE 'error' END::"event_severity", 'node',
    coalesce(NEW."disk_problem" ->> 'message', 'The disks agree again.'),
    jsonb_build_object('from', OLD."disk_problem", 'to', NEW."disk_problem"));
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "vms_disk_problem_changed" AFTER UPDATE OF "disk_problem" ON "vms" FOR EACH ROW
  WHEN (OLD."disk_problem" IS DISTINCT FROM NEW."disk_problem") EXECUTE FUNCTION "record_vm_disk_problem_changed"();--> statement-breakpoint
CREATE FUNCTION "record_vm_snapshot_schedule_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "events" ("vm_id", "node_id", "type", "severity", "actor", "message", "details")
  VALUES (NEW."id", NEW."node_id", 'vm.snapshot-schedule-changed', 'info', 'user',
    CASE WHEN NEW."snapshot_schedule" IS NULL THEN 'The snapshot schedule was removed' ELSE 'The snapshot schedule was set' END,
    jsonb_build_object('from', OLD."snapshot_schedule", 'to', NEW."snapshot_schedule"));
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "vms_snapshot_schedule_changed" AFTER UPDATE OF "snapshot_schedule" ON "vms" FOR EACH ROW
  WHEN (OLD."snapshot_schedule" IS DISTINCT FROM NEW."snapshot_schedule")
  EXECUTE FUNCTION "record_vm_snapshot_schedule_changed"();--> statement-breakpoint
-- A scheduled snapshot that could not even begin has no operation.
CREATE FUNCTION "record_snapshot_refused"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "events" ("vm_id", "node_id", "type", "severity", "actor", "message", "details")
  SELECT "id", "node_id", 'snapshot.refused', 'warning', 'schedule',
    concat('Scheduled snapshot ', NEW."name", ' was not taken: ' || (NEW."error" ->> 'message')),
    jsonb_build_object('snapshotId', NEW."id", 'error', NEW."error")
  FROM "vms" WHERE "id" = NEW."vm_id";
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "snapshots_refused" AFTER INSERT ON "snapshots" FOR EACH ROW
  WHEN (NEW."state" = 'FAILED' AND NEW."origin" = 'schedule') EXECUTE FUNCTION "record_snapshot_refused"();
