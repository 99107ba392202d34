CREATE TABLE "vm_secrets" (
	"vm_id" uuid NOT NULL,
	"name" text NOT NULL,
	"key_id" text NOT NULL,
	"nonce" text NOT NULL,
	"ciphertext" text NOT NULL,
	CONSTRAINT "vm_secrets_vm_id_name_pk" PRIMARY KEY("vm_id","name")
);
--> statement-breakpoint
ALTER TABLE "vm_secrets" ADD CONSTRAINT "vm_secrets_vm_id_vms_id_fk" FOREIGN KEY ("vm_id") REFERENCES "public"."vms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
-- No VM had either before.
UPDATE "vms" SET "spec" = jsonb_set("spec" || '{"cloudInit": null}', '{display,passwordSet}', 'false');--> statement-breakpoint
UPDATE "vms" SET "running_spec" = jsonb_set("running_spec", '{display,passwordSet}', 'false') WHERE "running_spec" IS NOT NULL;
