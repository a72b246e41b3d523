-- A store as the first twokey wrote it: two releases, one ended, with their audit chains.
BEGIN TRANSACTION;
CREATE TABLE "audit" ("release_id" text not null references "release" ("id"), "seq" integer not null, "at" bigint not null, "actor" text not null, "what" text not null, "detail" text not null, "prev" text not null, "hash" text not null, constraint "audit_key" primary key ("release_id", "seq"));
INSERT INTO "audit" VALUES('r1',1,1000,'U0ANA','requested','{"service":"blog-api"}','','8cadec475f232bc318c8574611ad947548e5459a7c220d52fa94e4a608cefdb1');
INSERT INTO "audit" VALUES('r1',2,1000,'U0BEN','approved','{}','8cadec475f232bc318c8574611ad947548e5459a7c220d52fa94e4a608cefdb1','fafd93def21c8b5f65dd59fc6088bca97bc8ccf4d15502a8f9c76a8ec6fbfa89');
INSERT INTO "audit" VALUES('r2',1,2000,'U0ANA','requested','{}','','f4dbcf29beaef7b25f987ca1c91167e384634d8607f972d709cb37cb64437aad');
CREATE TABLE "card" ("release_id" text primary key references "release" ("id"), "channel" text not null, "ts" text, "version" bigint not null, "sent_version" bigint not null, "shown" text, "sending_since" bigint, "due_at" bigint, "turn" bigint not null);
INSERT INTO "card" VALUES('r1','C0SHIP',NULL,1,0,NULL,NULL,0,1);
INSERT INTO "card" VALUES('r2','C0SHIP',NULL,2,0,NULL,NULL,0,2);
CREATE TABLE "inbox" ("seq" integer primary key autoincrement, "id" text not null unique, "body" text not null, "received_at" bigint not null, "done_at" bigint);
CREATE TABLE "lane" ("target" text not null, "place" text not null, "release_id" text not null references "release" ("id"), constraint "lane_key" primary key ("target", "place"));
INSERT INTO "lane" VALUES('prod/blog-api','current','r1');
CREATE TABLE "post" ("id" integer primary key autoincrement, "release_id" text references "release" ("id"), "key" text, "body" text not null, "at" bigint not null, "due_at" bigint, "attempts" integer default 0 not null, "sending_since" bigint, "ts" text, "dropped" text, constraint "post_once" unique ("release_id", "key"));
INSERT INTO "post" VALUES(1,'r1','voided','{"key":"voided","story":{"tell":"voided","why":"voided"},"where":"thread"}',1500,1500,0,NULL,NULL,NULL);
CREATE TABLE "release" ("id" text primary key, "body" text not null, "body_version" integer not null, "service" text not null, "environment" text not null, "requester" text not null, "requested_at" bigint not null, "ended_at" bigint, "wake_at" bigint, "lease_owner" text, "lease_until" bigint, "epoch" bigint default 0 not null, "due_at" bigint generated always as (coalesce(lease_until, wake_at)) stored);
INSERT INTO "release" VALUES('r1','{"id":"r1","service":"blog-api","environment":"prod","targets":[{"cluster":"prod","service":"blog-api"}],"subject":{"kind":"deploy","repository":"house/blog","workflow":"deploy.yml","branch":"main","ref":null,"commit":{"sha":"c0ffee","title":"Say hello","author":"Ana","login":null},"tip":"c0ffee","githubTree":"7ree","inputs":["sha"],"githubEnvironment":"prod","changes":{"known":false,"why":"nothing runs yet"}},"requester":"U0ANA","channel":"C0SHIP","policy":{"required":1,"approvers":["S0OPS"],"requesterMayApprove":false,"authorsMayApprove":true,"expireAfterMs":3600000,"people":[]},"waitMs":0,"deadlines":{"runMs":1,"rolloutMs":1},"settleMs":1,"notify":[],"containers":["app"],"migration":null,"requestedAt":1000,"servingBefore":null,"approvals":[],"round":0,"stage":{"at":"approval","since":1000},"tracks":{"run":null,"migration":{"binding":"awaited","seen":null},"rollouts":[{"target":{"cluster":"prod","service":"blog-api"},"before":null,"binding":"awaited","seen":null,"answered":null,"serving":null}]},"sentAt":null,"cancelAsked":null,"supersededBy":null,"cancelSentAt":null,"blind":{},"told":["asked"]}',1,'blog-api','prod','U0ANA',1000,NULL,1000,NULL,NULL,0);
INSERT INTO "release" VALUES('r2','{"id":"r2","service":"blog-api","environment":"prod","targets":[{"cluster":"prod","service":"blog-worker"}],"subject":{"kind":"deploy","repository":"house/blog","workflow":"deploy.yml","branch":"main","ref":null,"commit":{"sha":"c0ffee","title":"Say hello","author":"Ana","login":null},"tip":"c0ffee","githubTree":"7ree","inputs":["sha"],"githubEnvironment":"prod","changes":{"known":false,"why":"nothing runs yet"}},"requester":"U0ANA","channel":"C0SHIP","policy":{"required":1,"approvers":["S0OPS"],"requesterMayApprove":false,"authorsMayApprove":true,"expireAfterMs":3600000,"people":[]},"waitMs":0,"deadlines":{"runMs":1,"rolloutMs":1},"settleMs":1,"notify":[],"containers":["app"],"migration":null,"requestedAt":2000,"servingBefore":null,"approvals":[],"round":0,"stage":{"at":"ended","since":9000,"outcome":"rejected","reason":"rejected","settledBy":null},"tracks":{"run":null,"migration":{"binding":"awaited","seen":null},"rollouts":[{"target":{"cluster":"prod","service":"blog-worker"},"before":null,"binding":"awaited","seen":null,"answered":null,"serving":null}]},"sentAt":null,"cancelAsked":null,"supersededBy":null,"cancelSentAt":null,"blind":{},"told":["asked"]}',1,'blog-api','prod','U0ANA',2000,9000,2000,NULL,NULL,0);
CREATE TABLE "schema_version" ("id" integer primary key, "version" integer not null);
INSERT INTO "schema_version" VALUES(1,1);
CREATE INDEX "release_due" on "release" ("due_at");
CREATE INDEX "release_ended" on "release" ("ended_at");
CREATE INDEX "release_newest" on "release" ("requested_at", "id");
CREATE INDEX "release_place" on "release" ("service", "environment", "requested_at");
CREATE INDEX "lane_release" on "lane" ("release_id");
CREATE INDEX "inbox_undone" on "inbox" ("seq") where done_at is null;
CREATE INDEX "card_due" on "card" ("due_at");
CREATE INDEX "card_turn" on "card" ("turn");
CREATE INDEX "post_due" on "post" ("due_at") where due_at is not null;
CREATE INDEX "post_waiting" on "post" ("release_id", "id") where due_at is not null;
CREATE TRIGGER "audit_no_update" before update on "audit"
            begin select raise(abort, 'audit is append-only'); end;
CREATE TRIGGER "audit_no_delete" before delete on "audit"
            begin select raise(abort, 'audit is append-only'); end;
COMMIT;
