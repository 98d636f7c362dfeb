CREATE TABLE aliases (
	version TEXT COLLATE "C" NOT NULL,
	stored TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (version)
);

CREATE TABLE artifacts (
	version TEXT COLLATE "C" NOT NULL,
	type TEXT COLLATE "C" NOT NULL,
	size BIGINT NOT NULL,
	preview TEXT COLLATE "C" NOT NULL,
	more BYTEA,
	part BYTEA,
	anchored SMALLINT NOT NULL,
	created DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (version)
);

CREATE INDEX artifacts_by_created_version ON artifacts (created, version);

CREATE INDEX artifacts_by_type_created_version ON artifacts (type, created, version);

CREATE TABLE attempts (
	id TEXT COLLATE "C" NOT NULL,
	step_run TEXT COLLATE "C" NOT NULL,
	number INTEGER NOT NULL,
	executor TEXT COLLATE "C" NOT NULL,
	handle TEXT COLLATE "C" NOT NULL,
	task TEXT COLLATE "C",
	started DOUBLE PRECISION NOT NULL,
	ended DOUBLE PRECISION,
	state TEXT COLLATE "C" NOT NULL,
	"end" TEXT COLLATE "C" NOT NULL,
	more BYTEA,
	PRIMARY KEY (id)
);

CREATE INDEX attempts_by_state_id ON attempts (state, id);

CREATE INDEX attempts_by_step_run_number ON attempts (step_run, number);

CREATE TABLE claims (
	key TEXT COLLATE "C" NOT NULL,
	holder TEXT COLLATE "C" NOT NULL,
	attempt TEXT COLLATE "C" NOT NULL,
	executor TEXT COLLATE "C" NOT NULL,
	handle TEXT COLLATE "C" NOT NULL,
	expires DOUBLE PRECISION NOT NULL,
	label TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (key)
);

CREATE TABLE documents (
	id TEXT COLLATE "C" NOT NULL,
	body BYTEA NOT NULL,
	PRIMARY KEY (id)
);

CREATE TABLE dues (
	schedule TEXT COLLATE "C" NOT NULL,
	due BIGINT NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	token TEXT COLLATE "C" NOT NULL,
	after DOUBLE PRECISION NOT NULL,
	expires DOUBLE PRECISION NOT NULL,
	run TEXT COLLATE "C" NOT NULL,
	open SMALLINT NOT NULL,
	more BYTEA,
	PRIMARY KEY (schedule, due)
);

CREATE INDEX dues_by_open_schedule_due ON dues (open, schedule, due);

CREATE TABLE entries (
	id BIGSERIAL NOT NULL,
	key TEXT COLLATE "C" NOT NULL,
	trace_digest TEXT COLLATE "C" NOT NULL,
	result TEXT COLLATE "C" NOT NULL,
	seconds DOUBLE PRECISION NOT NULL,
	created DOUBLE PRECISION NOT NULL,
	expires DOUBLE PRECISION,
	step_run TEXT COLLATE "C" NOT NULL,
	size BIGINT NOT NULL,
	used DOUBLE PRECISION NOT NULL,
	more BYTEA,
	PRIMARY KEY (id)
);

CREATE UNIQUE INDEX entries_by_key_trace_digest ON entries (key, trace_digest);

CREATE INDEX entries_by_step_run ON entries (step_run);

CREATE TABLE hazards (
	reader_notebook TEXT COLLATE "C" NOT NULL,
	reader_step TEXT COLLATE "C" NOT NULL,
	writer_notebook TEXT COLLATE "C" NOT NULL,
	writer_step TEXT COLLATE "C" NOT NULL,
	path TEXT COLLATE "C" NOT NULL,
	seen DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (reader_notebook, reader_step, writer_notebook, writer_step, path)
);

CREATE INDEX hazards_by_writer_notebook_writer_step ON hazards (writer_notebook, writer_step);

CREATE TABLE latest_metrics (
	step_run TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	step BIGINT,
	value DOUBLE PRECISION,
	time DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (step_run, name)
);

CREATE TABLE leases (
	holder TEXT COLLATE "C" NOT NULL,
	blob TEXT COLLATE "C" NOT NULL,
	expires DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (holder, blob)
);

CREATE INDEX leases_by_blob_expires ON leases (blob, expires);

CREATE TABLE metrics (
	step_run TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	step BIGINT,
	value DOUBLE PRECISION,
	time DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (step_run, name, id)
);

CREATE TABLE name_moves (
	name TEXT COLLATE "C" NOT NULL,
	id TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C",
	author TEXT COLLATE "C" NOT NULL,
	time DOUBLE PRECISION NOT NULL,
	note TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (name, id)
);

CREATE TABLE names (
	name TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	author TEXT COLLATE "C" NOT NULL,
	time DOUBLE PRECISION NOT NULL,
	note TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (name)
);

CREATE TABLE notes (
	id TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	subject TEXT COLLATE "C" NOT NULL,
	text TEXT COLLATE "C" NOT NULL,
	author TEXT COLLATE "C" NOT NULL,
	time DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (id)
);

CREATE INDEX notes_by_kind_subject_id ON notes (kind, subject, id);

CREATE TABLE pins (
	kind TEXT COLLATE "C" NOT NULL,
	target TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	time DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (kind, target)
);

CREATE TABLE runs (
	id TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	notebook TEXT COLLATE "C" NOT NULL,
	path TEXT COLLATE "C" NOT NULL,
	owner TEXT COLLATE "C" NOT NULL,
	host TEXT COLLATE "C" NOT NULL,
	pid BIGINT NOT NULL,
	started DOUBLE PRECISION NOT NULL,
	ended DOUBLE PRECISION,
	status TEXT COLLATE "C" NOT NULL,
	commit TEXT COLLATE "C" NOT NULL,
	lock TEXT COLLATE "C",
	more BYTEA,
	PRIMARY KEY (id)
);

CREATE INDEX runs_by_commit_id ON runs (commit, id);

CREATE INDEX runs_by_notebook_id ON runs (notebook, id);

CREATE INDEX runs_by_owner_id ON runs (owner, id);

CREATE INDEX runs_by_status_id ON runs (status, id);

CREATE TABLE schedules (
	id TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	root TEXT COLLATE "C" NOT NULL,
	revision BIGINT NOT NULL,
	more BYTEA,
	PRIMARY KEY (id)
);

CREATE UNIQUE INDEX schedules_by_root_name ON schedules (root, name);

CREATE TABLE step_runs (
	id TEXT COLLATE "C" NOT NULL,
	run TEXT COLLATE "C" NOT NULL,
	notebook TEXT COLLATE "C" NOT NULL,
	step TEXT COLLATE "C" NOT NULL,
	part INTEGER NOT NULL,
	cell TEXT COLLATE "C" NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	key TEXT COLLATE "C",
	why TEXT COLLATE "C" NOT NULL,
	executor TEXT COLLATE "C" NOT NULL,
	started DOUBLE PRECISION NOT NULL,
	ended DOUBLE PRECISION,
	seconds DOUBLE PRECISION NOT NULL,
	error TEXT COLLATE "C" NOT NULL,
	entry TEXT COLLATE "C" NOT NULL,
	result TEXT COLLATE "C",
	more BYTEA,
	source TEXT COLLATE "C",
	ingredients TEXT COLLATE "C",
	trace TEXT COLLATE "C",
	PRIMARY KEY (id)
);

CREATE INDEX step_runs_by_entry_id ON step_runs (entry, id);

CREATE INDEX step_runs_by_executor_id ON step_runs (executor, id);

CREATE INDEX step_runs_by_key_id ON step_runs (key, id);

CREATE INDEX step_runs_by_notebook_state_id ON step_runs (notebook, state, id);

CREATE INDEX step_runs_by_notebook_step_part_id ON step_runs (notebook, step, part, id);

CREATE INDEX step_runs_by_run_id_state ON step_runs (run, id, state);

CREATE INDEX step_runs_by_state_id ON step_runs (state, id);

CREATE TABLE steps (
	notebook TEXT COLLATE "C" NOT NULL,
	step TEXT COLLATE "C" NOT NULL,
	part INTEGER NOT NULL,
	first TEXT COLLATE "C" NOT NULL,
	last TEXT COLLATE "C" NOT NULL,
	facts TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (notebook, step, part)
);

CREATE INDEX steps_by_last ON steps (last);

CREATE TABLE tags (
	kind TEXT COLLATE "C" NOT NULL,
	subject TEXT COLLATE "C" NOT NULL,
	tag TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (kind, subject, tag)
);

CREATE INDEX tags_by_kind_tag_subject ON tags (kind, tag, subject);

CREATE TABLE uses (
	kind TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	notebook TEXT COLLATE "C" NOT NULL,
	step TEXT COLLATE "C" NOT NULL,
	part INTEGER NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	seen TEXT COLLATE "C" NOT NULL,
	current SMALLINT NOT NULL,
	PRIMARY KEY (kind, name, notebook, step, part, version)
);

CREATE INDEX uses_by_notebook_step_part ON uses (notebook, step, part);

CREATE TABLE entry_blobs (
	entry BIGINT NOT NULL,
	blob TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (entry, blob),
	FOREIGN KEY(entry) REFERENCES entries (id) ON DELETE CASCADE
);

CREATE TABLE step_inputs (
	step_run TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (step_run, name),
	FOREIGN KEY(step_run) REFERENCES step_runs (id) ON DELETE CASCADE
);

CREATE INDEX step_inputs_by_version_step_run ON step_inputs (version, step_run);

CREATE TABLE step_outputs (
	step_run TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (step_run, name),
	FOREIGN KEY(step_run) REFERENCES step_runs (id) ON DELETE CASCADE
);

CREATE INDEX step_outputs_by_version_step_run ON step_outputs (version, step_run);
