CREATE TABLE "images" (
	"id" uuid PRIMARY KEY NOT NULL,
	"node_id" uuid NOT NULL,
	"name" text NOT NULL,
	"format" text,
	"size_bytes" bigint NOT NULL,
	"virtual_size_bytes" bigint,
	"sha256" text,
	"fingerprint" text NOT NULL,
	"modified_at" timestamp (3) with time zone NOT NULL,
	"problem" jsonb,
	"first_seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "images" ADD CONSTRAINT "images_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "images_node_name_unique" ON "images" USING btree ("node_id","name");