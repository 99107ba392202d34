ALTER TABLE "vms" ADD COLUMN "labels" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "vms" ADD COLUMN "changed_from" jsonb;--> statement-breakpoint
ALTER TABLE "vms" ADD COLUMN "running_spec" jsonb;--> statement-breakpoint
CREATE INDEX "vms_labels" ON "vms" USING gin ("labels" jsonb_path_ops);