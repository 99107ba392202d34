CREATE TABLE "host_domains" (
	"node_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text NOT NULL,
	"state" text NOT NULL,
	"persistent" boolean NOT NULL,
	"autostart" boolean NOT NULL,
	"managed_save" boolean NOT NULL,
	"has_snapshots" boolean NOT NULL,
	"spec" jsonb NOT NULL,
	"unmanaged" jsonb NOT NULL,
	"drives" jsonb NOT NULL,
	"shares_disk_with" jsonb NOT NULL,
	"first_seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "host_domains_node_id_id_pk" PRIMARY KEY("node_id","id")
);
--> statement-breakpoint
ALTER TABLE "vms" DROP CONSTRAINT "vms_cpu_mode";--> statement-breakpoint
ALTER TABLE "vms" ADD COLUMN "unmanaged" jsonb;--> statement-breakpoint
ALTER TABLE "host_domains" ADD CONSTRAINT "host_domains_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vms" ADD CONSTRAINT "vms_cpu_mode" CHECK (coalesce("vms"."spec" ->> 'cpuMode', '') in ('host-model', 'host-passthrough')
        or ("vms"."unmanaged" is not null and coalesce("vms"."spec" ->> 'cpuMode', '') in ('maximum', 'custom')));