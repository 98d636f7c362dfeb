PRAGMA journal_mode=WAL;
BEGIN TRANSACTION;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE aliases (
	version TEXT NOT NULL,
	stored TEXT NOT NULL,
	PRIMARY KEY (version)
)
 WITHOUT ROWID;
CREATE TABLE artifacts (
	version TEXT NOT NULL,
	type TEXT NOT NULL,
	size BIGINT NOT NULL,
	preview TEXT NOT NULL,
	more BLOB,
	part BLOB,
	anchored SMALLINT NOT NULL,
	created DOUBLE NOT NULL,
	PRIMARY KEY (version)
);
INSERT INTO "artifacts" VALUES('b3:b82432ac8b72573faaaa6ad86eec2073e7e286fa2423d5fd3cda3bd9a0cda307','numpy.ndarray',90,'3 by 4',NULL,X'84A56E616D657391A56D6F64656CA6666F726D6174A36E7079A4626C6F62D94362333A64353931396238636638626364373862653134303037656430343163353363366233623166353166303236373762383966363265626335346632373263366331A473697A655A',0,2.0);
CREATE TABLE attempts (
	id TEXT NOT NULL,
	step_run TEXT NOT NULL,
	number INTEGER NOT NULL,
	executor TEXT NOT NULL,
	handle TEXT NOT NULL,
	task TEXT,
	started DOUBLE NOT NULL,
	ended DOUBLE,
	state TEXT NOT NULL,
	"end" TEXT NOT NULL,
	more BLOB,
	PRIMARY KEY (id)
);
CREATE TABLE claims (
	"key" TEXT NOT NULL,
	holder TEXT NOT NULL,
	attempt TEXT NOT NULL,
	executor TEXT NOT NULL,
	handle TEXT NOT NULL,
	expires DOUBLE NOT NULL,
	label TEXT NOT NULL,
	PRIMARY KEY ("key")
);
INSERT INTO "claims" VALUES('k','me','','','',110.0,'');
CREATE TABLE documents (
	id TEXT NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (id)
);
INSERT INTO "documents" VALUES('6600c99a9ba3e254cb37ef27947a1da48976a8a8',X'6D6F64656C203D206669742829');
INSERT INTO "documents" VALUES('de1f16bca497e4a4c189cb2a57d4a017bb721802',X'9183A46B696E64A466696C65A46E616D65A5612E637376A776657273696F6ED94362333A63373064333730643533353333323738653730653636633633303435663739623565343964353862376134316339303237633165646465613664373139393462');
CREATE TABLE dues (
	schedule TEXT NOT NULL,
	due BIGINT NOT NULL,
	state TEXT NOT NULL,
	token TEXT NOT NULL,
	"after" DOUBLE NOT NULL,
	expires DOUBLE NOT NULL,
	run TEXT NOT NULL,
	open SMALLINT NOT NULL,
	more BLOB,
	PRIMARY KEY (schedule, due)
);
CREATE TABLE entries (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	"key" TEXT NOT NULL,
	trace_digest TEXT NOT NULL,
	result TEXT NOT NULL,
	seconds DOUBLE NOT NULL,
	created DOUBLE NOT NULL,
	expires DOUBLE,
	step_run TEXT NOT NULL,
	size BIGINT NOT NULL,
	used DOUBLE NOT NULL,
	more BLOB
);
INSERT INTO "entries" VALUES(1,'b3:9b99c3747f7e2c7fddf526e919c9a657a7e3a05c9b1e94dcdd3a6f83b599c617','a5bd612a645698d68509d43c0a84d8697371ea8434a5653da4d3257de9a49256','b3:2feb41c4320786872d468165d553f61958d765039f04759b7da4a110ec8dd4ed',1.5,2.0,NULL,'0000003q280000000000000000',100,2.0,X'81A574726163659183A46B696E64A466696C65A46E616D65A5612E637376A776657273696F6ED94362333A63373064333730643533353333323738653730653636633633303435663739623565343964353862376134316339303237633165646465613664373139393462');
CREATE TABLE entry_blobs (
	entry INTEGER NOT NULL,
	blob TEXT NOT NULL,
	PRIMARY KEY (entry, blob),
	FOREIGN KEY(entry) REFERENCES entries (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
INSERT INTO "entry_blobs" VALUES(1,'b3:2feb41c4320786872d468165d553f61958d765039f04759b7da4a110ec8dd4ed');
INSERT INTO "entry_blobs" VALUES(1,'b3:d5919b8cf8bcd78be14007ed041c53c6b3b1f51f02677b89f62ebc54f272c6c1');
CREATE TABLE hazards (
	reader_notebook TEXT NOT NULL,
	reader_step TEXT NOT NULL,
	writer_notebook TEXT NOT NULL,
	writer_step TEXT NOT NULL,
	path TEXT NOT NULL,
	seen DOUBLE NOT NULL,
	PRIMARY KEY (reader_notebook, reader_step, writer_notebook, writer_step, path)
)
 WITHOUT ROWID;
CREATE TABLE latest_metrics (
	step_run TEXT NOT NULL,
	name TEXT NOT NULL,
	step BIGINT,
	value DOUBLE,
	time DOUBLE NOT NULL,
	PRIMARY KEY (step_run, name)
)
 WITHOUT ROWID;
INSERT INTO "latest_metrics" VALUES('0000003q280000000000000000','loss',1,0.25,6.0);
CREATE TABLE leases (
	holder TEXT NOT NULL,
	blob TEXT NOT NULL,
	expires DOUBLE NOT NULL,
	PRIMARY KEY (holder, blob)
)
 WITHOUT ROWID;
CREATE TABLE metrics (
	step_run TEXT NOT NULL,
	name TEXT NOT NULL,
	id TEXT NOT NULL,
	step BIGINT,
	value DOUBLE,
	time DOUBLE NOT NULL,
	PRIMARY KEY (step_run, name, id)
)
 WITHOUT ROWID;
INSERT INTO "metrics" VALUES('0000003q280000000000000000','loss','000000be6o06dbl07hnq202g90',1,0.25,6.0);
CREATE TABLE name_moves (
	name TEXT NOT NULL,
	id TEXT NOT NULL,
	version TEXT,
	author TEXT NOT NULL,
	time DOUBLE NOT NULL,
	note TEXT NOT NULL,
	PRIMARY KEY (name, id)
)
 WITHOUT ROWID;
INSERT INTO "name_moves" VALUES('production','0000009h5k16mkh2fa3chejses','b3:b82432ac8b72573faaaa6ad86eec2073e7e286fa2423d5fd3cda3bd9a0cda307','',5.0,'');
CREATE TABLE names (
	name TEXT NOT NULL,
	version TEXT NOT NULL,
	author TEXT NOT NULL,
	time DOUBLE NOT NULL,
	note TEXT NOT NULL,
	PRIMARY KEY (name)
);
INSERT INTO "names" VALUES('production','b3:b82432ac8b72573faaaa6ad86eec2073e7e286fa2423d5fd3cda3bd9a0cda307','',5.0,'');
CREATE TABLE notes (
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	text TEXT NOT NULL,
	author TEXT NOT NULL,
	time DOUBLE NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE pins (
	kind TEXT NOT NULL,
	target TEXT NOT NULL,
	reason TEXT NOT NULL,
	time DOUBLE NOT NULL,
	PRIMARY KEY (kind, target)
)
 WITHOUT ROWID;
CREATE TABLE runs (
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	notebook TEXT NOT NULL,
	path TEXT NOT NULL,
	owner TEXT NOT NULL,
	host TEXT NOT NULL,
	pid BIGINT NOT NULL,
	started DOUBLE NOT NULL,
	ended DOUBLE,
	status TEXT NOT NULL,
	"commit" TEXT NOT NULL,
	lock TEXT,
	more BLOB,
	PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES('0000001t140000000000000000','kernel','notebook','','','',0,1.0,NULL,'running','abc',NULL,X'81AA706172616D657465727381A26C72CB3FB999999999999A');
CREATE TABLE schedules (
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	root TEXT NOT NULL,
	revision BIGINT NOT NULL,
	more BLOB,
	PRIMARY KEY (id)
);
CREATE TABLE step_inputs (
	step_run TEXT NOT NULL,
	name TEXT NOT NULL,
	version TEXT NOT NULL,
	PRIMARY KEY (step_run, name),
	FOREIGN KEY(step_run) REFERENCES step_runs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE step_outputs (
	step_run TEXT NOT NULL,
	name TEXT NOT NULL,
	version TEXT NOT NULL,
	PRIMARY KEY (step_run, name),
	FOREIGN KEY(step_run) REFERENCES step_runs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
INSERT INTO "step_outputs" VALUES('0000003q280000000000000000','model','b3:b82432ac8b72573faaaa6ad86eec2073e7e286fa2423d5fd3cda3bd9a0cda307');
CREATE TABLE step_runs (
	id TEXT NOT NULL,
	run TEXT NOT NULL,
	notebook TEXT NOT NULL,
	step TEXT NOT NULL,
	part INTEGER NOT NULL,
	cell TEXT NOT NULL,
	state TEXT NOT NULL,
	"key" TEXT,
	why TEXT NOT NULL,
	executor TEXT NOT NULL,
	started DOUBLE NOT NULL,
	ended DOUBLE,
	seconds DOUBLE NOT NULL,
	error TEXT NOT NULL,
	entry TEXT NOT NULL,
	result TEXT,
	more BLOB,
	source TEXT,
	ingredients TEXT,
	trace TEXT,
	PRIMARY KEY (id)
);
INSERT INTO "step_runs" VALUES('0000003q280000000000000000','0000001t140000000000000000','notebook','train',0,'','succeeded','b3:9b99c3747f7e2c7fddf526e919c9a657a7e3a05c9b1e94dcdd3a6f83b599c617','','inline',2.0,NULL,0.0,'','',NULL,X'81A76F75747075747381A56D6F64656CD94362333A62383234333261633862373235373366616161613661643836656563323037336537653238366661323432336435666433636461336264396130636461333037','6600c99a9ba3e254cb37ef27947a1da48976a8a8',NULL,'de1f16bca497e4a4c189cb2a57d4a017bb721802');
INSERT INTO "step_runs" VALUES('0000005n3c0000000000000000','0000001t140000000000000000','notebook','train',0,'','hit','b3:9b99c3747f7e2c7fddf526e919c9a657a7e3a05c9b1e94dcdd3a6f83b599c617','','inline',3.0,NULL,0.0,'','0000003q280000000000000000',NULL,X'81A76F75747075747381A56D6F64656CD94362333A62383234333261633862373235373366616161613661643836656563323037336537653238366661323432336435666433636461336264396130636461333037',NULL,NULL,NULL);
CREATE TABLE steps (
	notebook TEXT NOT NULL,
	step TEXT NOT NULL,
	part INTEGER NOT NULL,
	first TEXT NOT NULL,
	last TEXT NOT NULL,
	facts TEXT NOT NULL,
	PRIMARY KEY (notebook, step, part)
)
 WITHOUT ROWID;
INSERT INTO "steps" VALUES('notebook','train',0,'0000003q280000000000000000','0000005n3c0000000000000000','af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262 abc');
CREATE TABLE tags (
	kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	tag TEXT NOT NULL,
	PRIMARY KEY (kind, subject, tag)
)
 WITHOUT ROWID;
INSERT INTO "tags" VALUES('run','0000001t140000000000000000','good');
CREATE TABLE uses (
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	notebook TEXT NOT NULL,
	step TEXT NOT NULL,
	part INTEGER NOT NULL,
	version TEXT NOT NULL,
	seen TEXT NOT NULL,
	current SMALLINT NOT NULL,
	PRIMARY KEY (kind, name, notebook, step, part, version)
)
 WITHOUT ROWID;
INSERT INTO "uses" VALUES('commit','abc','notebook','train',0,'abc','0000005n3c0000000000000000',1);
INSERT INTO "uses" VALUES('file','a.csv','notebook','train',0,'b3:c70d370d53533278e70e66c63045f79b5e49d58b7a41c9027c1eddea6d71994b','0000003q280000000000000000',0);
CREATE INDEX artifacts_by_created_version ON artifacts (created, version);
CREATE INDEX artifacts_by_type_created_version ON artifacts (type, created, version);
CREATE INDEX attempts_by_state_id ON attempts (state, id);
CREATE INDEX attempts_by_step_run_number ON attempts (step_run, number);
CREATE INDEX dues_by_open_schedule_due ON dues (open, schedule, due);
CREATE UNIQUE INDEX entries_by_key_trace_digest ON entries ("key", trace_digest);
CREATE INDEX entries_by_step_run ON entries (step_run);
CREATE INDEX hazards_by_writer_notebook_writer_step ON hazards (writer_notebook, writer_step);
CREATE INDEX leases_by_blob_expires ON leases (blob, expires);
CREATE INDEX notes_by_kind_subject_id ON notes (kind, subject, id);
CREATE INDEX runs_by_commit_id ON runs ("commit", id);
CREATE INDEX runs_by_notebook_id ON runs (notebook, id);
CREATE INDEX runs_by_owner_id ON runs (owner, id);
CREATE INDEX runs_by_status_id ON runs (status, id);
CREATE UNIQUE INDEX schedules_by_root_name ON schedules (root, name);
CREATE INDEX step_runs_by_entry_id ON step_runs (entry, id);
CREATE INDEX step_runs_by_executor_id ON step_runs (executor, id);
CREATE INDEX step_runs_by_key_id ON step_runs ("key", id);
CREATE INDEX step_runs_by_notebook_state_id ON step_runs (notebook, state, id);
CREATE INDEX step_runs_by_notebook_step_part_id ON step_runs (notebook, step, part, id);
CREATE INDEX step_runs_by_run_id_state ON step_runs (run, id, state);
CREATE INDEX step_runs_by_state_id ON step_runs (state, id);
CREATE INDEX steps_by_last ON steps (last);
CREATE INDEX tags_by_kind_tag_subject ON tags (kind, tag, subject);
CREATE INDEX uses_by_notebook_step_part ON uses (notebook, step, part);
CREATE INDEX step_inputs_by_version_step_run ON step_inputs (version, step_run);
CREATE INDEX step_outputs_by_version_step_run ON step_outputs (version, step_run);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('entries',1);
COMMIT;
