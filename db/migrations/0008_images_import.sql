CREATE TYPE "public"."image_state" AS ENUM('IMPORTING', 'READY', 'DELETING');--> statement-breakpoint
CREATE TABLE "image_chunks" (
	"image_id" uuid PRIMARY KEY NOT NULL,
	"offset_bytes" bigint NOT NULL,
	"data" "bytea" NOT NULL
);
--> statement-breakpoint
ALTER TABLE "images" ALTER COLUMN "size_bytes" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "images" ALTER COLUMN "fingerprint" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "images" ALTER COLUMN "modified_at" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "operations" ALTER COLUMN "vm_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "images" ADD COLUMN "state" "image_state" DEFAULT 'READY' NOT NULL;--> statement-breakpoint
ALTER TABLE "operations" ADD COLUMN "image_id" uuid;--> statement-breakpoint
ALTER TABLE "operations" ADD COLUMN "progress" jsonb;--> statement-breakpoint
ALTER TABLE "operations" ADD COLUMN "cancel_requested_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "image_chunks" ADD CONSTRAINT "image_chunks_image_id_images_id_fk" FOREIGN KEY ("image_id") REFERENCES "public"."images"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "operations_one_unfinished_per_image" ON "operations" USING btree ("image_id") WHERE "operations"."status" in ('queued', 'running', 'undoing');--> statement-breakpoint
CREATE INDEX "operations_image_page" ON "operations" USING btree ("image_id","id");--> statement-breakpoint
ALTER TABLE "operations" ADD CONSTRAINT "operations_one_subject" CHECK (num_nonnulls("operations"."vm_id", "operations"."image_id") = 1);--> statement-breakpoint
ALTER TABLE "image_chunks" SET UNLOGGED;--> statement-breakpoint
-- Pieces of images do not get smaller by being compressed.
ALTER TABLE "image_chunks" ALTER COLUMN "data" SET STORAGE EXTERNAL;--> statement-breakpoint
-- The history is that of VMs.
CREATE OR REPLACE FUNCTION "record_operations_requested"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "events" ("vm_id", "node_id", "type", "severity", "actor", "operation_id", "message", "details")
  SELECT "vm_id", "node_id", 'operation.requested', 'info', "actor", "id", "kind" || ' was requested',
    jsonb_build_object('kind', "kind", 'input', "input" - 'vmId')
  FROM "added" WHERE "vm_id" IS NOT NULL ORDER BY "id";
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE OR REPLACE TRIGGER "operations_ended" AFTER UPDATE OF "status" ON "operations" FOR EACH ROW
  WHEN (NEW."vm_id" IS NOT NULL AND OLD."status" NOT IN ('succeeded', 'failed') AND NEW."status" IN ('succeeded', 'failed'))
  EXECUTE FUNCTION "record_operation_ended"();
