CREATE TYPE "public"."quiesce_policy" AS ENUM('require', 'prefer');--> statement-breakpoint
CREATE TYPE "public"."snapshot_origin" AS ENUM('user', 'schedule', 'revert');--> statement-breakpoint
ALTER TYPE "public"."snapshot_state" ADD VALUE 'DELETING' BEFORE 'FAILED';--> statement-breakpoint
ALTER TYPE "public"."vm_state" ADD VALUE 'REVERTING' BEFORE 'DELETING';--> statement-breakpoint
ALTER TABLE "nodes" ADD COLUMN "tsc_frequency_hz" bigint;--> statement-breakpoint
ALTER TABLE "nodes" ADD COLUMN "tsc_scaling" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "nodes" ADD COLUMN "storage_free_bytes" bigint;--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "quiesce_policy" "quiesce_policy" DEFAULT 'require' NOT NULL;--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "quiesce_timeout_seconds" integer DEFAULT 60 NOT NULL;--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "origin" "snapshot_origin" DEFAULT 'user' NOT NULL;--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "notice" text;--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "freeze" jsonb;--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "nvram_volume" text;--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "machine_type" text;--> statement-breakpoint
ALTER TABLE "vms" ADD COLUMN "guest_agent_connected" boolean;--> statement-breakpoint
ALTER TABLE "vms" ADD COLUMN "disk_problem" jsonb;--> statement-breakpoint
ALTER TABLE "vms" ADD COLUMN "current_snapshot_id" uuid;--> statement-breakpoint
ALTER TABLE "vms" ADD COLUMN "snapshot_schedule" jsonb;--> statement-breakpoint
ALTER TABLE "vms" ADD COLUMN "next_snapshot_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "vms" ADD COLUMN "tsc_frequency_hz" bigint;--> statement-breakpoint
CREATE INDEX "vms_next_snapshot" ON "vms" USING btree ("next_snapshot_at") WHERE "vms"."next_snapshot_at" is not null;--> statement-breakpoint
-- Until now every chain was one line: its last snapshot is what the disks came from.
UPDATE "vms" SET "current_snapshot_id" = (
  SELECT "id" FROM "snapshots" WHERE "vm_id" = "vms"."id" AND "state" = 'READY'
  ORDER BY "taken_at" DESC NULLS LAST, "id" DESC LIMIT 1);
