CREATE TYPE "public"."storage_pool_state" AS ENUM('CREATING', 'READY', 'DELETING');--> statement-breakpoint
CREATE TYPE "public"."volume_state" AS ENUM('CREATING', 'READY', 'DELETING');--> statement-breakpoint
CREATE TABLE "storage_pools" (
	"id" uuid PRIMARY KEY NOT NULL,
	"node_id" uuid NOT NULL,
	"name" text NOT NULL,
	"state" "storage_pool_state" DEFAULT 'READY' NOT NULL,
	"source" jsonb NOT NULL,
	"secret" jsonb,
	"active" boolean DEFAULT false NOT NULL,
	"problem" text,
	"mount_path" text,
	"capacity_bytes" bigint,
	"allocation_bytes" bigint,
	"available_bytes" bigint,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "volumes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"storage_pool_id" uuid NOT NULL,
	"name" text NOT NULL,
	"state" "volume_state" DEFAULT 'READY' NOT NULL,
	"format" text,
	"size_bytes" bigint,
	"allocation_bytes" bigint,
	"vm_id" uuid,
	"snapshot_of" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "operations" DROP CONSTRAINT "operations_one_subject";--> statement-breakpoint
ALTER TABLE "operations" ADD COLUMN "storage_pool_id" uuid;--> statement-breakpoint
ALTER TABLE "operations" ADD COLUMN "volume_id" uuid;--> statement-breakpoint
ALTER TABLE "storage_pools" ADD CONSTRAINT "storage_pools_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "volumes" ADD CONSTRAINT "volumes_storage_pool_id_storage_pools_id_fk" FOREIGN KEY ("storage_pool_id") REFERENCES "public"."storage_pools"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "storage_pools_node_name_unique" ON "storage_pools" USING btree ("node_id","name");--> statement-breakpoint
CREATE UNIQUE INDEX "volumes_pool_name_unique" ON "volumes" USING btree ("storage_pool_id","name");--> statement-breakpoint
CREATE UNIQUE INDEX "operations_one_unfinished_per_storage_pool" ON "operations" USING btree ("storage_pool_id") WHERE "operations"."storage_pool_id" is not null and "operations"."status" in ('queued', 'running', 'undoing');--> statement-breakpoint
CREATE UNIQUE INDEX "operations_one_unfinished_per_volume" ON "operations" USING btree ("volume_id") WHERE "operations"."volume_id" is not null and "operations"."status" in ('queued', 'running', 'undoing');--> statement-breakpoint
ALTER TABLE "operations" ADD CONSTRAINT "operations_one_subject" CHECK (num_nonnulls("operations"."vm_id", "operations"."image_id", "operations"."storage_pool_id", "operations"."volume_id") = 1);