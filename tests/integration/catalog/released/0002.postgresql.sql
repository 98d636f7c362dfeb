CREATE SCHEMA steppe;
CREATE TABLE steppe.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE steppe.aliases (
    version text NOT NULL COLLATE pg_catalog."C",
    stored text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE steppe.artifacts (
    version text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    preview text NOT NULL COLLATE pg_catalog."C",
    more bytea,
    part bytea,
    anchored smallint NOT NULL,
    created double precision NOT NULL
);
CREATE TABLE steppe.attempts (
    id text NOT NULL COLLATE pg_catalog."C",
    step_run text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    executor text NOT NULL COLLATE pg_catalog."C",
    handle text NOT NULL COLLATE pg_catalog."C",
    task text COLLATE pg_catalog."C",
    started double precision NOT NULL,
    ended double precision,
    state text NOT NULL COLLATE pg_catalog."C",
    "end" text NOT NULL COLLATE pg_catalog."C",
    more bytea
);
CREATE TABLE steppe.claims (
    key text NOT NULL COLLATE pg_catalog."C",
    holder text NOT NULL COLLATE pg_catalog."C",
    attempt text NOT NULL COLLATE pg_catalog."C",
    executor text NOT NULL COLLATE pg_catalog."C",
    handle text NOT NULL COLLATE pg_catalog."C",
    expires double precision NOT NULL,
    label text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE steppe.documents (
    id text NOT NULL COLLATE pg_catalog."C",
    body bytea NOT NULL
);
CREATE TABLE steppe.dues (
    schedule text NOT NULL COLLATE pg_catalog."C",
    due bigint NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    token text NOT NULL COLLATE pg_catalog."C",
    after double precision NOT NULL,
    expires double precision NOT NULL,
    run text NOT NULL COLLATE pg_catalog."C",
    open smallint NOT NULL,
    more bytea
);
CREATE TABLE steppe.entries (
    id bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    trace_digest text NOT NULL COLLATE pg_catalog."C",
    result text NOT NULL COLLATE pg_catalog."C",
    seconds double precision NOT NULL,
    created double precision NOT NULL,
    expires double precision,
    step_run text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    used double precision NOT NULL,
    more bytea
);
CREATE SEQUENCE steppe.entries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE steppe.entries_id_seq OWNED BY steppe.entries.id;
CREATE TABLE steppe.entry_blobs (
    entry bigint NOT NULL,
    blob text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE steppe.hazards (
    reader_notebook text NOT NULL COLLATE pg_catalog."C",
    reader_step text NOT NULL COLLATE pg_catalog."C",
    writer_notebook text NOT NULL COLLATE pg_catalog."C",
    writer_step text NOT NULL COLLATE pg_catalog."C",
    path text NOT NULL COLLATE pg_catalog."C",
    seen double precision NOT NULL
);
CREATE TABLE steppe.latest_metrics (
    step_run text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    step bigint,
    value double precision,
    "time" double precision NOT NULL
);
CREATE TABLE steppe.leases (
    holder text NOT NULL COLLATE pg_catalog."C",
    blob text NOT NULL COLLATE pg_catalog."C",
    expires double precision NOT NULL
);
CREATE TABLE steppe.metrics (
    step_run text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    step bigint,
    value double precision,
    "time" double precision NOT NULL
);
CREATE TABLE steppe.name_moves (
    name text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    version text COLLATE pg_catalog."C",
    author text NOT NULL COLLATE pg_catalog."C",
    "time" double precision NOT NULL,
    note text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE steppe.names (
    name text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C",
    author text NOT NULL COLLATE pg_catalog."C",
    "time" double precision NOT NULL,
    note text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE steppe.notes (
    id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    text text NOT NULL COLLATE pg_catalog."C",
    author text NOT NULL COLLATE pg_catalog."C",
    "time" double precision NOT NULL
);
CREATE TABLE steppe.pins (
    kind text NOT NULL COLLATE pg_catalog."C",
    target text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    "time" double precision NOT NULL
);
CREATE TABLE steppe.runs (
    id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    notebook text NOT NULL COLLATE pg_catalog."C",
    path text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    host text NOT NULL COLLATE pg_catalog."C",
    pid bigint NOT NULL,
    started double precision NOT NULL,
    ended double precision,
    status text NOT NULL COLLATE pg_catalog."C",
    commit text NOT NULL COLLATE pg_catalog."C",
    lock text COLLATE pg_catalog."C",
    more bytea
);
CREATE TABLE steppe.schedules (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    root text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    more bytea
);
CREATE TABLE steppe.step_inputs (
    step_run text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE steppe.step_outputs (
    step_run text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE steppe.step_runs (
    id text NOT NULL COLLATE pg_catalog."C",
    run text NOT NULL COLLATE pg_catalog."C",
    notebook text NOT NULL COLLATE pg_catalog."C",
    step text NOT NULL COLLATE pg_catalog."C",
    part integer NOT NULL,
    cell text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    key text COLLATE pg_catalog."C",
    why text NOT NULL COLLATE pg_catalog."C",
    executor text NOT NULL COLLATE pg_catalog."C",
    started double precision NOT NULL,
    ended double precision,
    seconds double precision NOT NULL,
    error text NOT NULL COLLATE pg_catalog."C",
    entry text NOT NULL COLLATE pg_catalog."C",
    result text COLLATE pg_catalog."C",
    more bytea,
    source text COLLATE pg_catalog."C",
    ingredients text COLLATE pg_catalog."C",
    trace text COLLATE pg_catalog."C"
);
CREATE TABLE steppe.steps (
    notebook text NOT NULL COLLATE pg_catalog."C",
    step text NOT NULL COLLATE pg_catalog."C",
    part integer NOT NULL,
    first text NOT NULL COLLATE pg_catalog."C",
    last text NOT NULL COLLATE pg_catalog."C",
    facts text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE steppe.tags (
    kind text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    tag text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE steppe.uses (
    kind text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    notebook text NOT NULL COLLATE pg_catalog."C",
    step text NOT NULL COLLATE pg_catalog."C",
    part integer NOT NULL,
    version text NOT NULL COLLATE pg_catalog."C",
    seen text NOT NULL COLLATE pg_catalog."C",
    current smallint NOT NULL
);
ALTER TABLE ONLY steppe.entries ALTER COLUMN id SET DEFAULT nextval('steppe.entries_id_seq'::regclass);
INSERT INTO steppe.alembic_version VALUES ('0002');
INSERT INTO steppe.artifacts VALUES ('b3:b82432ac8b72573faaaa6ad86eec2073e7e286fa2423d5fd3cda3bd9a0cda307', 'numpy.ndarray', 90, '3 by 4', NULL, '\x84a56e616d657391a56d6f64656ca6666f726d6174a36e7079a4626c6f62d94362333a64353931396238636638626364373862653134303037656430343163353363366233623166353166303236373762383966363265626335346632373263366331a473697a655a', 0, 2);
INSERT INTO steppe.claims VALUES ('k', 'me', '', '', '', 110, '');
INSERT INTO steppe.documents VALUES ('6600c99a9ba3e254cb37ef27947a1da48976a8a8', '\x6d6f64656c203d206669742829');
INSERT INTO steppe.documents VALUES ('de1f16bca497e4a4c189cb2a57d4a017bb721802', '\x9183a46b696e64a466696c65a46e616d65a5612e637376a776657273696f6ed94362333a63373064333730643533353333323738653730653636633633303435663739623565343964353862376134316339303237633165646465613664373139393462');
INSERT INTO steppe.entries VALUES (1, 'b3:9b99c3747f7e2c7fddf526e919c9a657a7e3a05c9b1e94dcdd3a6f83b599c617', 'a5bd612a645698d68509d43c0a84d8697371ea8434a5653da4d3257de9a49256', 'b3:2feb41c4320786872d468165d553f61958d765039f04759b7da4a110ec8dd4ed', 1.5, 2, NULL, '0000003q280000000000000000', 100, 2, '\x81a574726163659183a46b696e64a466696c65a46e616d65a5612e637376a776657273696f6ed94362333a63373064333730643533353333323738653730653636633633303435663739623565343964353862376134316339303237633165646465613664373139393462');
INSERT INTO steppe.entry_blobs VALUES (1, 'b3:2feb41c4320786872d468165d553f61958d765039f04759b7da4a110ec8dd4ed');
INSERT INTO steppe.entry_blobs VALUES (1, 'b3:d5919b8cf8bcd78be14007ed041c53c6b3b1f51f02677b89f62ebc54f272c6c1');
INSERT INTO steppe.latest_metrics VALUES ('0000003q280000000000000000', 'loss', 1, 0.25, 6);
INSERT INTO steppe.metrics VALUES ('0000003q280000000000000000', 'loss', '000000be6o1t2l4vrkf2bnhak8', 1, 0.25, 6);
INSERT INTO steppe.name_moves VALUES ('production', '0000009h5k1gq492lm1palm87c', 'b3:b82432ac8b72573faaaa6ad86eec2073e7e286fa2423d5fd3cda3bd9a0cda307', '', 5, '');
INSERT INTO steppe.names VALUES ('production', 'b3:b82432ac8b72573faaaa6ad86eec2073e7e286fa2423d5fd3cda3bd9a0cda307', '', 5, '');
INSERT INTO steppe.runs VALUES ('0000001t140000000000000000', 'kernel', 'notebook', '', '', '', 0, 1, NULL, 'running', 'abc', NULL, '\x81aa706172616d657465727381a26c72cb3fb999999999999a');
INSERT INTO steppe.step_outputs VALUES ('0000003q280000000000000000', 'model', 'b3:b82432ac8b72573faaaa6ad86eec2073e7e286fa2423d5fd3cda3bd9a0cda307');
INSERT INTO steppe.step_runs VALUES ('0000003q280000000000000000', '0000001t140000000000000000', 'notebook', 'train', 0, '', 'succeeded', 'b3:9b99c3747f7e2c7fddf526e919c9a657a7e3a05c9b1e94dcdd3a6f83b599c617', '', 'inline', 2, NULL, 0, '', '', NULL, '\x81a76f75747075747381a56d6f64656cd94362333a62383234333261633862373235373366616161613661643836656563323037336537653238366661323432336435666433636461336264396130636461333037', '6600c99a9ba3e254cb37ef27947a1da48976a8a8', NULL, 'de1f16bca497e4a4c189cb2a57d4a017bb721802');
INSERT INTO steppe.step_runs VALUES ('0000005n3c0000000000000000', '0000001t140000000000000000', 'notebook', 'train', 0, '', 'hit', 'b3:9b99c3747f7e2c7fddf526e919c9a657a7e3a05c9b1e94dcdd3a6f83b599c617', '', 'inline', 3, NULL, 0, '', '0000003q280000000000000000', NULL, '\x81a76f75747075747381a56d6f64656cd94362333a62383234333261633862373235373366616161613661643836656563323037336537653238366661323432336435666433636461336264396130636461333037', NULL, NULL, NULL);
INSERT INTO steppe.steps VALUES ('notebook', 'train', 0, '0000003q280000000000000000', '0000005n3c0000000000000000', 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262 abc');
INSERT INTO steppe.tags VALUES ('run', '0000001t140000000000000000', 'good');
INSERT INTO steppe.uses VALUES ('file', 'a.csv', 'notebook', 'train', 0, 'b3:c70d370d53533278e70e66c63045f79b5e49d58b7a41c9027c1eddea6d71994b', '0000003q280000000000000000', 0);
INSERT INTO steppe.uses VALUES ('commit', 'abc', 'notebook', 'train', 0, 'abc', '0000005n3c0000000000000000', 1);
ALTER TABLE ONLY steppe.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY steppe.aliases
    ADD CONSTRAINT aliases_pkey PRIMARY KEY (version);
ALTER TABLE ONLY steppe.artifacts
    ADD CONSTRAINT artifacts_pkey PRIMARY KEY (version);
ALTER TABLE ONLY steppe.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY steppe.claims
    ADD CONSTRAINT claims_pkey PRIMARY KEY (key);
ALTER TABLE ONLY steppe.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (id);
ALTER TABLE ONLY steppe.dues
    ADD CONSTRAINT dues_pkey PRIMARY KEY (schedule, due);
ALTER TABLE ONLY steppe.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY steppe.entry_blobs
    ADD CONSTRAINT entry_blobs_pkey PRIMARY KEY (entry, blob);
ALTER TABLE ONLY steppe.hazards
    ADD CONSTRAINT hazards_pkey PRIMARY KEY (reader_notebook, reader_step, writer_notebook, writer_step, path);
ALTER TABLE ONLY steppe.latest_metrics
    ADD CONSTRAINT latest_metrics_pkey PRIMARY KEY (step_run, name);
ALTER TABLE ONLY steppe.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (holder, blob);
ALTER TABLE ONLY steppe.metrics
    ADD CONSTRAINT metrics_pkey PRIMARY KEY (step_run, name, id);
ALTER TABLE ONLY steppe.name_moves
    ADD CONSTRAINT name_moves_pkey PRIMARY KEY (name, id);
ALTER TABLE ONLY steppe.names
    ADD CONSTRAINT names_pkey PRIMARY KEY (name);
ALTER TABLE ONLY steppe.notes
    ADD CONSTRAINT notes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY steppe.pins
    ADD CONSTRAINT pins_pkey PRIMARY KEY (kind, target);
ALTER TABLE ONLY steppe.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY steppe.schedules
    ADD CONSTRAINT schedules_pkey PRIMARY KEY (id);
ALTER TABLE ONLY steppe.step_inputs
    ADD CONSTRAINT step_inputs_pkey PRIMARY KEY (step_run, name);
ALTER TABLE ONLY steppe.step_outputs
    ADD CONSTRAINT step_outputs_pkey PRIMARY KEY (step_run, name);
ALTER TABLE ONLY steppe.step_runs
    ADD CONSTRAINT step_runs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY steppe.steps
    ADD CONSTRAINT steps_pkey PRIMARY KEY (notebook, step, part);
ALTER TABLE ONLY steppe.tags
    ADD CONSTRAINT tags_pkey PRIMARY KEY (kind, subject, tag);
ALTER TABLE ONLY steppe.uses
    ADD CONSTRAINT uses_pkey PRIMARY KEY (kind, name, notebook, step, part, version);
CREATE INDEX artifacts_by_created_version ON steppe.artifacts USING btree (created, version);
CREATE INDEX artifacts_by_type_created_version ON steppe.artifacts USING btree (type, created, version);
CREATE INDEX attempts_by_state_id ON steppe.attempts USING btree (state, id);
CREATE INDEX attempts_by_step_run_number ON steppe.attempts USING btree (step_run, number);
CREATE INDEX dues_by_open_schedule_due ON steppe.dues USING btree (open, schedule, due);
CREATE UNIQUE INDEX entries_by_key_trace_digest ON steppe.entries USING btree (key, trace_digest);
CREATE INDEX entries_by_step_run ON steppe.entries USING btree (step_run);
CREATE INDEX hazards_by_writer_notebook_writer_step ON steppe.hazards USING btree (writer_notebook, writer_step);
CREATE INDEX leases_by_blob_expires ON steppe.leases USING btree (blob, expires);
CREATE INDEX notes_by_kind_subject_id ON steppe.notes USING btree (kind, subject, id);
CREATE INDEX runs_by_commit_id ON steppe.runs USING btree (commit, id);
CREATE INDEX runs_by_notebook_id ON steppe.runs USING btree (notebook, id);
CREATE INDEX runs_by_owner_id ON steppe.runs USING btree (owner, id);
CREATE INDEX runs_by_status_id ON steppe.runs USING btree (status, id);
CREATE UNIQUE INDEX schedules_by_root_name ON steppe.schedules USING btree (root, name);
CREATE INDEX step_inputs_by_version_step_run ON steppe.step_inputs USING btree (version, step_run);
CREATE INDEX step_outputs_by_version_step_run ON steppe.step_outputs USING btree (version, step_run);
CREATE INDEX step_runs_by_entry_id ON steppe.step_runs USING btree (entry, id);
CREATE INDEX step_runs_by_executor_id ON steppe.step_runs USING btree (executor, id);
CREATE INDEX step_runs_by_key_id ON steppe.step_runs USING btree (key, id);
CREATE INDEX step_runs_by_notebook_state_id ON steppe.step_runs USING btree (notebook, state, id);
CREATE INDEX step_runs_by_notebook_step_part_id ON steppe.step_runs USING btree (notebook, step, part, id);
CREATE INDEX step_runs_by_run_id_state ON steppe.step_runs USING btree (run, id, state);
CREATE INDEX step_runs_by_state_id ON steppe.step_runs USING btree (state, id);
CREATE INDEX steps_by_last ON steppe.steps USING btree (last);
CREATE INDEX tags_by_kind_tag_subject ON steppe.tags USING btree (kind, tag, subject);
CREATE INDEX uses_by_notebook_step_part ON steppe.uses USING btree (notebook, step, part);
ALTER TABLE ONLY steppe.entry_blobs
    ADD CONSTRAINT entry_blobs_entry_fkey FOREIGN KEY (entry) REFERENCES steppe.entries(id) ON DELETE CASCADE;
ALTER TABLE ONLY steppe.step_inputs
    ADD CONSTRAINT step_inputs_step_run_fkey FOREIGN KEY (step_run) REFERENCES steppe.step_runs(id) ON DELETE CASCADE;
ALTER TABLE ONLY steppe.step_outputs
    ADD CONSTRAINT step_outputs_step_run_fkey FOREIGN KEY (step_run) REFERENCES steppe.step_runs(id) ON DELETE CASCADE;
