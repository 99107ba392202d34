-- Written anew with every sample: unlogged costs no WAL, and the room beside each row keeps its next version on its page.
CREATE UNLOGGED TABLE "vm_guests" (
	"vm_id" uuid PRIMARY KEY NOT NULL,
	"node_id" uuid NOT NULL,
	"run_id" text NOT NULL,
	"report" jsonb NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL
) WITH (fillfactor = 45);
--> statement-breakpoint
CREATE UNLOGGED TABLE "vm_usage" (
	"vm_id" uuid PRIMARY KEY NOT NULL,
	"node_id" uuid NOT NULL,
	"run_id" text NOT NULL,
	"usage" jsonb NOT NULL,
	"sampled_at" timestamp (3) with time zone NOT NULL
) WITH (fillfactor = 45);
--> statement-breakpoint
ALTER TABLE "vms" ADD COLUMN "run_id" text;--> statement-breakpoint
ALTER TABLE "vms" ADD COLUMN "defined_on_node" boolean DEFAULT true NOT NULL;--> statement-breakpoint
CREATE INDEX "vm_guests_node" ON "vm_guests" USING btree ("node_id");--> statement-breakpoint
CREATE INDEX "vm_usage_node" ON "vm_usage" USING btree ("node_id");
