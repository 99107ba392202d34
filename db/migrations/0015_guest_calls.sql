CREATE TABLE "guest_calls" (
	"operation_id" uuid PRIMARY KEY NOT NULL,
	"request" jsonb,
	"begun_at" timestamp (3) with time zone,
	"answer" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "guest_calls_age" ON "guest_calls" USING btree ("created_at");