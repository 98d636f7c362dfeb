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

CREATE INDEX artifacts_by_created_version ON artifacts (created, version);

CREATE INDEX artifacts_by_type_created_version ON artifacts (type, created, version);

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

CREATE INDEX attempts_by_state_id ON attempts (state, id);

CREATE INDEX attempts_by_step_run_number ON attempts (step_run, number);

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

CREATE TABLE documents (
	id TEXT NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (id)
);

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

CREATE INDEX dues_by_open_schedule_due ON dues (open, schedule, due);

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

CREATE UNIQUE INDEX entries_by_key_trace_digest ON entries ("key", trace_digest);

CREATE INDEX entries_by_step_run ON entries (step_run);

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

CREATE INDEX hazards_by_writer_notebook_writer_step ON hazards (writer_notebook, writer_step);

CREATE TABLE latest_metrics (
	step_run TEXT NOT NULL,
	name TEXT NOT NULL,
	step BIGINT,
	value DOUBLE,
	time DOUBLE NOT NULL,
	PRIMARY KEY (step_run, name)
)
 WITHOUT ROWID;

CREATE TABLE leases (
	holder TEXT NOT NULL,
	blob TEXT NOT NULL,
	expires DOUBLE NOT NULL,
	PRIMARY KEY (holder, blob)
)
 WITHOUT ROWID;

CREATE INDEX leases_by_blob_expires ON leases (blob, expires);

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

CREATE TABLE names (
	name TEXT NOT NULL,
	version TEXT NOT NULL,
	author TEXT NOT NULL,
	time DOUBLE NOT NULL,
	note TEXT NOT NULL,
	PRIMARY KEY (name)
);

CREATE TABLE notes (
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	text TEXT NOT NULL,
	author TEXT NOT NULL,
	time DOUBLE NOT NULL,
	PRIMARY KEY (id)
);

CREATE INDEX notes_by_kind_subject_id ON notes (kind, subject, id);

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

CREATE INDEX runs_by_commit_id ON runs ("commit", id);

CREATE INDEX runs_by_notebook_id ON runs (notebook, id);

CREATE INDEX runs_by_owner_id ON runs (owner, id);

CREATE INDEX runs_by_status_id ON runs (status, id);

CREATE TABLE schedules (
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	root TEXT NOT NULL,
	revision BIGINT NOT NULL,
	more BLOB,
	PRIMARY KEY (id)
);

CREATE UNIQUE INDEX schedules_by_root_name ON schedules (root, name);

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

CREATE INDEX step_runs_by_entry_id ON step_runs (entry, id);

CREATE INDEX step_runs_by_executor_id ON step_runs (executor, id);

CREATE INDEX step_runs_by_key_id ON step_runs ("key", id);

CREATE INDEX step_runs_by_notebook_state_id ON step_runs (notebook, state, id);

CREATE INDEX step_runs_by_notebook_step_part_id ON step_runs (notebook, step, part, id);

CREATE INDEX step_runs_by_run_id_state ON step_runs (run, id, state);

CREATE INDEX step_runs_by_state_id ON step_runs (state, id);

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

CREATE INDEX steps_by_last ON steps (last);

CREATE TABLE tags (
	kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	tag TEXT NOT NULL,
	PRIMARY KEY (kind, subject, tag)
)
 WITHOUT ROWID;

CREATE INDEX tags_by_kind_tag_subject ON tags (kind, tag, subject);

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

CREATE INDEX uses_by_notebook_step_part ON uses (notebook, step, part);

CREATE TABLE entry_blobs (
	entry INTEGER NOT NULL,
	blob TEXT NOT NULL,
	PRIMARY KEY (entry, blob),
	FOREIGN KEY(entry) REFERENCES entries (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE step_inputs (
	step_run TEXT NOT NULL,
	name TEXT NOT NULL,
	version TEXT NOT NULL,
	PRIMARY KEY (step_run, name),
	FOREIGN KEY(step_run) REFERENCES step_runs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX step_inputs_by_version_step_run ON step_inputs (version, step_run);

CREATE TABLE step_outputs (
	step_run TEXT NOT NULL,
	name TEXT NOT NULL,
	version TEXT NOT NULL,
	PRIMARY KEY (step_run, name),
	FOREIGN KEY(step_run) REFERENCES step_runs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX step_outputs_by_version_step_run ON step_outputs (version, step_run);
