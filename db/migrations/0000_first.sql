CREATE TYPE "public"."operation_status" AS ENUM('queued', 'running', 'undoing', 'succeeded', 'failed');--> statement-breakpoint
CREATE TYPE "public"."snapshot_consistency" AS ENUM('memory', 'quiesced', 'crash', 'offline');--> statement-breakpoint
CREATE TYPE "public"."snapshot_kind" AS ENUM('memory', 'disk-only', 'offline');--> statement-breakpoint
CREATE TYPE "public"."snapshot_state" AS ENUM('CREATING', 'READY', 'FAILED');--> statement-breakpoint
CREATE TYPE "public"."vm_state" AS ENUM('CREATING', 'STOPPED', 'STARTING', 'RUNNING', 'PAUSED', 'STOPPING', 'DELETING', 'FAILED', 'UNKNOWN');--> statement-breakpoint
CREATE TABLE "nodes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"epoch" bigint DEFAULT 1 NOT NULL,
	"hypervisor" text NOT NULL,
	"libvirt_version" text,
	"qemu_version" text,
	"cpu_count" integer NOT NULL,
	"memory_mib" integer NOT NULL,
	"cpu_modes" jsonb NOT NULL,
	"last_seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "operations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"vm_id" uuid NOT NULL,
	"node_id" uuid NOT NULL,
	"input" jsonb NOT NULL,
	"status" "operation_status" DEFAULT 'queued' NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"epoch" bigint DEFAULT 0 NOT NULL,
	"steps" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"error" jsonb,
	"not_before" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "snapshots" (
	"id" uuid PRIMARY KEY NOT NULL,
	"vm_id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"parent_id" uuid,
	"include_memory" boolean NOT NULL,
	"quiesce" boolean NOT NULL,
	"state" "snapshot_state" NOT NULL,
	"error" jsonb,
	"kind" "snapshot_kind",
	"consistency" "snapshot_consistency",
	"disks" jsonb,
	"memory_volume" text,
	"size_bytes" bigint,
	"effective_cpu" jsonb,
	"domain_xml" text,
	"libvirt_version" text,
	"qemu_version" text,
	"taken_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vms" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"node_id" uuid NOT NULL,
	"spec" jsonb NOT NULL,
	"state" "vm_state" NOT NULL,
	"message" text DEFAULT '' NOT NULL,
	"effective_cpu" jsonb,
	"started_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "vms_cpu_mode" CHECK (coalesce("vms"."spec" ->> 'cpuMode', '') in ('host-model', 'host-passthrough'))
);
--> statement-breakpoint
ALTER TABLE "operations" ADD CONSTRAINT "operations_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "snapshots" ADD CONSTRAINT "snapshots_vm_id_vms_id_fk" FOREIGN KEY ("vm_id") REFERENCES "public"."vms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "snapshots" ADD CONSTRAINT "snapshots_parent_id_snapshots_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."snapshots"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vms" ADD CONSTRAINT "vms_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "operations_one_unfinished_per_vm" ON "operations" USING btree ("vm_id") WHERE "operations"."status" in ('queued', 'running', 'undoing');--> statement-breakpoint
CREATE INDEX "operations_unfinished" ON "operations" USING btree ("node_id","not_before") WHERE "operations"."status" in ('queued', 'running', 'undoing');--> statement-breakpoint
CREATE INDEX "operations_page" ON "operations" USING btree ("vm_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "snapshots_name_unique" ON "snapshots" USING btree ("vm_id","name") WHERE "snapshots"."state" <> 'FAILED';--> statement-breakpoint
CREATE INDEX "snapshots_page" ON "snapshots" USING btree ("vm_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "vms_name_unique" ON "vms" USING btree ("name");--> statement-breakpoint
CREATE INDEX "vms_node" ON "vms" USING btree ("node_id");