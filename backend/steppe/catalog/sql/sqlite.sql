-- name: entries.find
SELECT entries."key", entries.result, entries.seconds, entries.created, entries.expires, entries.step_run, entries.size, entries.more
FROM entries
WHERE entries."key" = :key ORDER BY entries.created DESC, entries.id DESC

-- name: entries.among
SELECT entries."key", entries.result, entries.seconds, entries.created, entries.expires, entries.step_run, entries.size, entries.more
FROM entries
WHERE entries."key" IN (SELECT anon_1.value
FROM json_each(:keys) AS anon_1) ORDER BY entries.created DESC, entries.id DESC

-- name: entries.beginning
SELECT DISTINCT entries."key"
FROM entries
WHERE entries."key" >= :low AND entries."key" < :high ORDER BY entries."key"
 LIMIT :limit OFFSET 0

-- name: entries.keep
INSERT INTO entries ("key", trace_digest, result, seconds, created, expires, step_run, size, used, more) VALUES (:key, :trace_digest, :result, :seconds, :created, :expires, :step_run, :size, :used, :more) ON CONFLICT ("key", trace_digest) DO UPDATE SET result = excluded.result, seconds = excluded.seconds, created = excluded.created, expires = excluded.expires, step_run = excluded.step_run, size = excluded.size, used = excluded.used, more = excluded.more WHERE excluded.created >= entries.created

-- name: entries.id
SELECT entries.id
FROM entries
WHERE entries."key" = :key AND entries.trace_digest = :trace_digest

-- name: entries.touch
UPDATE entries SET used=:now WHERE entries."key" = :its_key AND entries.trace_digest = :its_trace AND entries.used < :now

-- name: entries.clear_blobs
DELETE FROM entry_blobs WHERE entry_blobs.entry = :entry

-- name: entries.add_blob
INSERT INTO entry_blobs (entry, blob) VALUES (:entry, :blob) ON CONFLICT DO NOTHING

-- name: entries.artifacts
SELECT step_outputs.name, artifacts.version, artifacts.type, artifacts.size, artifacts.preview, artifacts.more, artifacts.part
FROM step_outputs JOIN artifacts ON artifacts.version = step_outputs.version
WHERE step_outputs.step_run = :step_run ORDER BY step_outputs.name

-- name: entries.forget
DELETE FROM entries WHERE entries."key" = :key

-- name: entries.forget_step
DELETE FROM entries WHERE entries."key" IN (SELECT step_runs."key"
FROM step_runs
WHERE step_runs.notebook = :notebook AND step_runs.step = :step) OR entries.step_run IN (SELECT step_runs.id
FROM step_runs
WHERE step_runs.notebook = :notebook AND step_runs.step = :step)

-- name: entries.forget_notebook
DELETE FROM entries WHERE entries."key" IN (SELECT step_runs."key"
FROM step_runs
WHERE step_runs.notebook = :notebook) OR entries.step_run IN (SELECT step_runs.id
FROM step_runs
WHERE step_runs.notebook = :notebook)

-- name: entries.forget_all
DELETE FROM entries

-- name: artifacts.get
SELECT artifacts.version, artifacts.type, artifacts.size, artifacts.preview, artifacts.more, artifacts.part
FROM artifacts
WHERE artifacts.version = :version

-- name: artifacts.among
SELECT artifacts.version, artifacts.type, artifacts.size, artifacts.preview, artifacts.more, artifacts.part
FROM artifacts
WHERE artifacts.version IN (SELECT anon_1.value
FROM json_each(:versions) AS anon_1)

-- name: artifacts.beginning
SELECT DISTINCT artifacts.version
FROM artifacts
WHERE artifacts.version >= :low AND artifacts.version < :high ORDER BY artifacts.version
 LIMIT :limit OFFSET 0

-- name: artifacts.put
INSERT INTO artifacts (version, type, size, preview, more, part, anchored, created) VALUES (:version, :type, :size, :preview, :more, :part, :anchored, :created) ON CONFLICT (version) DO UPDATE SET type = excluded.type, size = excluded.size, preview = excluded.preview, more = excluded.more, part = excluded.part, anchored = excluded.anchored WHERE excluded.part IS NOT NULL AND (artifacts.part IS NULL OR excluded.anchored <= artifacts.anchored)

-- name: artifacts.alias
INSERT INTO aliases (version, stored) VALUES (:version, :stored) ON CONFLICT (version) DO UPDATE SET stored = excluded.stored

-- name: artifacts.stored
SELECT aliases.stored
FROM aliases
WHERE aliases.version = :version

-- name: claims.acquire
INSERT INTO claims ("key", holder, attempt, executor, handle, expires, label) VALUES (:key, :holder, :attempt, :executor, :handle, (:now + :ttl), :label) ON CONFLICT DO NOTHING

-- name: claims.get
SELECT claims."key", claims.holder, claims.attempt, claims.executor, claims.handle, claims.expires, claims.label
FROM claims
WHERE claims."key" = :key

-- name: claims.among
SELECT claims."key", claims.holder, claims.attempt, claims.executor, claims.handle, claims.expires, claims.label
FROM claims
WHERE claims."key" IN (SELECT anon_1.value
FROM json_each(:keys) AS anon_1)

-- name: claims.all
SELECT claims."key", claims.holder, claims.attempt, claims.executor, claims.handle, claims.expires, claims.label
FROM claims ORDER BY claims."key"

-- name: claims.renew
UPDATE claims SET expires=(:now + :ttl) WHERE claims."key" = :its_key AND claims.holder = :its_holder

-- name: claims.describe
UPDATE claims SET attempt=:attempt, executor=:executor, handle=:handle, label=:label WHERE claims."key" = :its_key AND claims.holder = :its_holder

-- name: claims.renew_all
UPDATE claims SET expires=(:now + :ttl) WHERE claims.holder = :its_holder

-- name: claims.held
SELECT claims."key", claims.holder, claims.attempt, claims.executor, claims.handle, claims.expires, claims.label
FROM claims
WHERE claims.holder = :its_holder ORDER BY claims."key"

-- name: claims.release
DELETE FROM claims WHERE claims."key" = :its_key AND claims.holder = :its_holder

-- name: claims.steal
UPDATE claims SET holder=:holder, attempt=:attempt, executor=:executor, handle=:handle, expires=(:now + :ttl), label=:label WHERE claims."key" = :its_key AND claims.holder = :its_holder AND claims.attempt = :its_attempt AND (claims.expires <= :now OR :dead = 1)

-- name: claims.now
SELECT :now AS anon_1

-- name: leases.hold
INSERT INTO leases (holder, blob, expires) VALUES (:holder, :blob, (:now + :ttl)) ON CONFLICT (holder, blob) DO UPDATE SET expires = CASE WHEN (excluded.expires > leases.expires) THEN excluded.expires ELSE leases.expires END

-- name: leases.renew
UPDATE leases SET expires=(:now + :ttl) WHERE leases.holder = :its_holder

-- name: leases.release
DELETE FROM leases WHERE leases.holder = :its_holder

-- name: leases.expire
DELETE FROM leases WHERE leases.expires <= :now

-- name: runs.put
INSERT INTO runs (id, kind, notebook, path, owner, host, pid, started, ended, status, "commit", lock, more) VALUES (:id, :kind, :notebook, :path, :owner, :host, :pid, :started, :ended, :status, :commit, :lock, :more) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, notebook = excluded.notebook, path = excluded.path, owner = excluded.owner, host = excluded.host, pid = excluded.pid, started = excluded.started, ended = excluded.ended, status = excluded.status, "commit" = excluded."commit", lock = excluded.lock, more = excluded.more

-- name: runs.get
SELECT runs.id, runs.kind, runs.notebook, runs.path, runs.owner, runs.host, runs.pid, runs.started, runs.ended, runs.status, runs."commit", runs.lock, runs.more
FROM runs
WHERE runs.id = :id

-- name: runs.beginning
SELECT DISTINCT runs.id
FROM runs
WHERE runs.id >= :low AND runs.id < :high ORDER BY runs.id
 LIMIT :limit OFFSET 0

-- name: runs.commit
SELECT runs."commit"
FROM runs
WHERE runs.id = :id

-- name: runs.difference
SELECT documents.body
FROM documents
WHERE documents.id = :id

-- name: runs.resolved
SELECT step_runs.notebook, step_runs.step, step_runs.part, max(step_runs.id) AS max_1
FROM step_runs
WHERE step_runs.run = :run GROUP BY step_runs.notebook, step_runs.step, step_runs.part ORDER BY step_runs.notebook, step_runs.step, step_runs.part

-- name: runs.tally
SELECT step_runs.run, step_runs.state, count(*) AS count_1
FROM step_runs
WHERE step_runs.run IN (SELECT anon_1.value
FROM json_each(:runs) AS anon_1) GROUP BY step_runs.run, step_runs.state

-- name: step_runs.state
SELECT step_runs.state
FROM step_runs
WHERE step_runs.id = :id

-- name: step_runs.add
INSERT INTO step_runs (id, run, notebook, step, part, cell, state, "key", why, executor, started, ended, seconds, error, entry, result, more, source, ingredients, trace) VALUES (:id, :run, :notebook, :step, :part, :cell, :state, :key, :why, :executor, :started, :ended, :seconds, :error, :entry, :result, :more, :source, :ingredients, :trace) ON CONFLICT DO NOTHING

-- name: step_runs.put
INSERT INTO step_runs (id, run, notebook, step, part, cell, state, "key", why, executor, started, ended, seconds, error, entry, result, more, source, ingredients, trace) VALUES (:id, :run, :notebook, :step, :part, :cell, :state, :key, :why, :executor, :started, :ended, :seconds, :error, :entry, :result, :more, :source, :ingredients, :trace) ON CONFLICT (id) DO UPDATE SET run = excluded.run, notebook = excluded.notebook, step = excluded.step, part = excluded.part, cell = excluded.cell, state = excluded.state, "key" = excluded."key", why = excluded.why, executor = excluded.executor, started = excluded.started, ended = excluded.ended, seconds = excluded.seconds, error = excluded.error, entry = excluded.entry, result = excluded.result, more = excluded.more, source = excluded.source, ingredients = excluded.ingredients, trace = excluded.trace

-- name: step_runs.document
INSERT INTO documents (id, body) VALUES (:id, :body) ON CONFLICT DO NOTHING

-- name: step_runs.clear_inputs
DELETE FROM step_inputs WHERE step_inputs.step_run = :id

-- name: step_runs.clear_outputs
DELETE FROM step_outputs WHERE step_outputs.step_run = :id

-- name: step_runs.add_input
INSERT INTO step_inputs (step_run, name, version) VALUES (:step_run, :name, :version) ON CONFLICT DO NOTHING

-- name: step_runs.add_output
INSERT INTO step_outputs (step_run, name, version) VALUES (:step_run, :name, :version) ON CONFLICT DO NOTHING

-- name: step_runs.get
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs."key", step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more, source.body, ingredients.body AS body_1, trace.body AS body_2
FROM step_runs LEFT OUTER JOIN documents AS source ON source.id = step_runs.source LEFT OUTER JOIN documents AS ingredients ON ingredients.id = step_runs.ingredients LEFT OUTER JOIN documents AS trace ON trace.id = step_runs.trace
WHERE step_runs.id = :id

-- name: step_runs.wholes
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs."key", step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more, source.body, ingredients.body AS body_1, trace.body AS body_2
FROM step_runs LEFT OUTER JOIN documents AS source ON source.id = step_runs.source LEFT OUTER JOIN documents AS ingredients ON ingredients.id = step_runs.ingredients LEFT OUTER JOIN documents AS trace ON trace.id = step_runs.trace
WHERE step_runs.id IN (SELECT anon_1.value
FROM json_each(:ids) AS anon_1) ORDER BY step_runs.id

-- name: step_runs.among
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs."key", step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more
FROM step_runs
WHERE step_runs.id IN (SELECT anon_1.value
FROM json_each(:ids) AS anon_1) ORDER BY step_runs.id

-- name: step_runs.beginning
SELECT DISTINCT step_runs.id
FROM step_runs
WHERE step_runs.id >= :low AND step_runs.id < :high ORDER BY step_runs.id
 LIMIT :limit OFFSET 0

-- name: step_runs.codes
SELECT "each".id, source.body, ingredients.body AS body_1
FROM (SELECT max(recent.id) AS id, recent.source AS source, recent.ingredients AS ingredients
FROM (SELECT step_runs.id AS id, step_runs.source AS source, step_runs.ingredients AS ingredients
FROM step_runs
WHERE step_runs.notebook = :notebook AND step_runs.step = :step AND step_runs.part = :part AND step_runs.id < :before ORDER BY step_runs.id DESC
 LIMIT :looked OFFSET 0) AS recent GROUP BY recent.source, recent.ingredients ORDER BY max(recent.id) DESC
 LIMIT :limit OFFSET 0) AS "each" LEFT OUTER JOIN documents AS source ON source.id = "each".source LEFT OUTER JOIN documents AS ingredients ON ingredients.id = "each".ingredients ORDER BY "each".id DESC

-- name: step_runs.count_hits
SELECT count(*) AS count_1
FROM step_runs
WHERE step_runs.entry = :entry

-- name: step_runs.last
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs."key", step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more, source.body, ingredients.body AS body_1, trace.body AS body_2
FROM step_runs LEFT OUTER JOIN documents AS source ON source.id = step_runs.source LEFT OUTER JOIN documents AS ingredients ON ingredients.id = step_runs.ingredients LEFT OUTER JOIN documents AS trace ON trace.id = step_runs.trace
WHERE step_runs.notebook = :notebook AND step_runs.step = :step AND step_runs.id < :before ORDER BY step_runs.id DESC
 LIMIT :limit OFFSET 0

-- name: step_runs.last_of_part
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs."key", step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more, source.body, ingredients.body AS body_1, trace.body AS body_2
FROM step_runs LEFT OUTER JOIN documents AS source ON source.id = step_runs.source LEFT OUTER JOIN documents AS ingredients ON ingredients.id = step_runs.ingredients LEFT OUTER JOIN documents AS trace ON trace.id = step_runs.trace
WHERE step_runs.notebook = :notebook AND step_runs.step = :step AND step_runs.id < :before AND step_runs.part = :part ORDER BY step_runs.id DESC
 LIMIT :limit OFFSET 0

-- name: step_runs.last_useful
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs."key", step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more, source.body, ingredients.body AS body_1, trace.body AS body_2
FROM step_runs LEFT OUTER JOIN documents AS source ON source.id = step_runs.source LEFT OUTER JOIN documents AS ingredients ON ingredients.id = step_runs.ingredients LEFT OUTER JOIN documents AS trace ON trace.id = step_runs.trace
WHERE step_runs.notebook = :notebook AND step_runs.step = :step AND step_runs.id < :before AND step_runs.state IN ('hit', 'succeeded') ORDER BY step_runs.id DESC
 LIMIT :limit OFFSET 0

-- name: step_runs.last_useful_of_part
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs."key", step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more, source.body, ingredients.body AS body_1, trace.body AS body_2
FROM step_runs LEFT OUTER JOIN documents AS source ON source.id = step_runs.source LEFT OUTER JOIN documents AS ingredients ON ingredients.id = step_runs.ingredients LEFT OUTER JOIN documents AS trace ON trace.id = step_runs.trace
WHERE step_runs.notebook = :notebook AND step_runs.step = :step AND step_runs.id < :before AND step_runs.part = :part AND step_runs.state IN ('hit', 'succeeded') ORDER BY step_runs.id DESC
 LIMIT :limit OFFSET 0

-- name: steps.get
SELECT steps.last, steps.facts
FROM steps
WHERE steps.notebook = :notebook AND steps.step = :step AND steps.part = :part

-- name: steps.put
INSERT INTO steps (notebook, step, part, first, last, facts) VALUES (:notebook, :step, :part, :first, :last, :facts) ON CONFLICT (notebook, step, part) DO UPDATE SET last = excluded.last, facts = excluded.facts

-- name: steps.outdate_uses
UPDATE uses SET current=0 WHERE uses.notebook = :notebook AND uses.step = :step AND uses.part = :part AND uses.current = 1

-- name: steps.outdate_commits
UPDATE uses SET current=0 WHERE uses.notebook = :notebook AND uses.step = :step AND uses.part = :part AND uses.kind = 'commit' AND uses.current = 1

-- name: steps.put_use
INSERT INTO uses (kind, name, notebook, step, part, version, seen, current) VALUES (:kind, :name, :notebook, :step, :part, :version, :seen, :current) ON CONFLICT (kind, name, notebook, step, part, version) DO UPDATE SET seen = excluded.seen, current = excluded.current

-- name: steps.add_use
INSERT INTO uses (kind, name, notebook, step, part, version, seen, current) VALUES (:kind, :name, :notebook, :step, :part, :version, :seen, :current) ON CONFLICT DO NOTHING

-- name: steps.using
SELECT uses.kind, uses.name, uses.version, uses.notebook, uses.step, uses.part, uses.seen, uses.current
FROM uses
WHERE uses.kind = :kind AND uses.name = :name AND (uses.notebook, uses.step, uses.part, uses.version) > (:after_notebook, :after_step, :after_part, :after_version) ORDER BY uses.notebook, uses.step, uses.part, uses.version
 LIMIT :limit OFFSET 0

-- name: steps.using_version
SELECT uses.kind, uses.name, uses.version, uses.notebook, uses.step, uses.part, uses.seen, uses.current
FROM uses
WHERE uses.kind = :kind AND uses.name = :name AND (uses.notebook, uses.step, uses.part, uses.version) > (:after_notebook, :after_step, :after_part, :after_version) AND uses.version = :version ORDER BY uses.notebook, uses.step, uses.part, uses.version
 LIMIT :limit OFFSET 0

-- name: steps.uses
SELECT uses.kind, uses.name, uses.version, uses.notebook, uses.step, uses.part, uses.seen, uses.current
FROM uses
WHERE uses.notebook = :notebook AND uses.step = :step AND uses.part = :part ORDER BY uses.kind, uses.name, uses.version

-- name: attempts.state
SELECT attempts.state
FROM attempts
WHERE attempts.id = :id

-- name: attempts.put
INSERT INTO attempts (id, step_run, number, executor, handle, task, started, ended, state, "end", more) VALUES (:id, :step_run, :number, :executor, :handle, :task, :started, :ended, :state, :end, :more) ON CONFLICT (id) DO UPDATE SET step_run = excluded.step_run, number = excluded.number, executor = excluded.executor, handle = excluded.handle, task = excluded.task, started = excluded.started, ended = excluded.ended, state = excluded.state, "end" = excluded."end", more = excluded.more

-- name: attempts.get
SELECT attempts.id, attempts.step_run, attempts.number, attempts.executor, attempts.handle, attempts.task, attempts.started, attempts.ended, attempts.state, attempts."end", attempts.more
FROM attempts
WHERE attempts.id = :id

-- name: attempts.of
SELECT attempts.id, attempts.step_run, attempts.number, attempts.executor, attempts.handle, attempts.task, attempts.started, attempts.ended, attempts.state, attempts."end", attempts.more
FROM attempts
WHERE attempts.step_run = :step_run ORDER BY attempts.number, attempts.id

-- name: attempts.going
SELECT attempts.id, attempts.step_run, attempts.number, attempts.executor, attempts.handle, attempts.task, attempts.started, attempts.ended, attempts.state, attempts."end", attempts.more
FROM attempts
WHERE attempts.state IN ('pending', 'queued', 'running', 'retrying') ORDER BY attempts.id

-- name: metrics.add
INSERT INTO metrics (step_run, name, id, step, value, time) VALUES (:step_run, :name, :id, :step, :value, :time) ON CONFLICT DO NOTHING

-- name: metrics.put_latest
INSERT INTO latest_metrics (step_run, name, step, value, time) VALUES (:step_run, :name, :step, :value, :time) ON CONFLICT (step_run, name) DO UPDATE SET step = excluded.step, value = excluded.value, time = excluded.time

-- name: metrics.series
SELECT metrics.id, metrics.name, metrics.step, metrics.value, metrics.time
FROM metrics
WHERE metrics.step_run = :step_run AND metrics.name = :name AND metrics.id > :after ORDER BY metrics.id
 LIMIT :limit OFFSET 0

-- name: metrics.latest
SELECT latest_metrics.step_run, latest_metrics.name, latest_metrics.step, latest_metrics.value, latest_metrics.time
FROM latest_metrics
WHERE latest_metrics.step_run IN (SELECT anon_1.value
FROM json_each(:step_runs) AS anon_1) ORDER BY latest_metrics.step_run, latest_metrics.name

-- name: lineage.makers
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs."key", step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more
FROM step_runs JOIN (SELECT DISTINCT step_outputs.step_run AS step_run
FROM step_outputs
WHERE step_outputs.version = :version AND step_outputs.step_run > :after ORDER BY step_outputs.step_run
 LIMIT :limit OFFSET 0) AS anon_1 ON anon_1.step_run = step_runs.id ORDER BY step_runs.id

-- name: lineage.users
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs."key", step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more
FROM step_runs JOIN (SELECT DISTINCT step_inputs.step_run AS step_run
FROM step_inputs
WHERE step_inputs.version = :version AND step_inputs.step_run < :after ORDER BY step_inputs.step_run DESC
 LIMIT :limit OFFSET 0) AS anon_1 ON anon_1.step_run = step_runs.id ORDER BY step_runs.id DESC

-- name: lineage.user_ids
SELECT DISTINCT step_inputs.step_run
FROM step_inputs
WHERE step_inputs.version = :version AND step_inputs.step_run < :after ORDER BY step_inputs.step_run DESC
 LIMIT :limit OFFSET 0

-- name: lineage.origins
SELECT anon_1.value, (SELECT min(step_outputs.step_run) AS min_1
FROM step_outputs
WHERE step_outputs.version = anon_1.value) AS anon_2
FROM json_each(:versions) AS anon_1

-- name: lineage.inputs
SELECT step_inputs.step_run, step_inputs.name, step_inputs.version
FROM step_inputs
WHERE step_inputs.step_run IN (SELECT anon_1.value
FROM json_each(:step_runs) AS anon_1) ORDER BY step_inputs.step_run, step_inputs.name

-- name: lineage.outputs
SELECT step_outputs.step_run, step_outputs.name, step_outputs.version
FROM step_outputs
WHERE step_outputs.step_run IN (SELECT anon_1.value
FROM json_each(:step_runs) AS anon_1) ORDER BY step_outputs.step_run, step_outputs.name

-- name: notes.add
INSERT INTO notes (id, kind, subject, text, author, time) VALUES (:id, :kind, :subject, :text, :author, :time) ON CONFLICT DO NOTHING

-- name: notes.of
SELECT notes.id, notes.kind, notes.subject, notes.text, notes.author, notes.time
FROM notes
WHERE notes.kind = :kind AND notes.subject = :subject ORDER BY notes.id

-- name: notes.edit
UPDATE notes SET text=:its_text WHERE notes.id = :its_id

-- name: notes.remove
DELETE FROM notes WHERE notes.id = :id

-- name: notes.tag
INSERT INTO tags (kind, subject, tag) VALUES (:kind, :subject, :tag) ON CONFLICT DO NOTHING

-- name: notes.untag
DELETE FROM tags WHERE tags.kind = :kind AND tags.subject = :subject AND tags.tag = :tag

-- name: notes.tags
SELECT tags.subject, tags.tag
FROM tags
WHERE tags.kind = :kind AND tags.subject IN (SELECT anon_1.value
FROM json_each(:subjects) AS anon_1) ORDER BY tags.subject, tags.tag

-- name: names.put
INSERT INTO names (name, version, author, time, note) VALUES (:name, :version, :author, :time, :note) ON CONFLICT (name) DO UPDATE SET version = excluded.version, author = excluded.author, time = excluded.time, note = excluded.note

-- name: names.add_move
INSERT INTO name_moves (name, id, version, author, time, note) VALUES (:name, :id, :version, :author, :time, :note) ON CONFLICT DO NOTHING

-- name: names.get
SELECT names.name, names.version, names.author, names.time, names.note
FROM names
WHERE names.name = :name

-- name: names.all
SELECT names.name, names.version, names.author, names.time, names.note
FROM names ORDER BY names.name

-- name: names.history
SELECT name_moves.name, name_moves.version, name_moves.author, name_moves.time, name_moves.note
FROM name_moves
WHERE name_moves.name = :name ORDER BY name_moves.id DESC

-- name: names.drop
DELETE FROM names WHERE names.name = :name

-- name: names.pin
INSERT INTO pins (kind, target, reason, time) VALUES (:kind, :target, :reason, :time) ON CONFLICT (kind, target) DO UPDATE SET reason = excluded.reason, time = excluded.time

-- name: names.unpin
DELETE FROM pins WHERE pins.kind = :kind AND pins.target = :target

-- name: names.pins
SELECT pins.kind, pins.target, pins.reason, pins.time
FROM pins ORDER BY pins.kind, pins.target

-- name: hazards.put
INSERT INTO hazards (reader_notebook, reader_step, writer_notebook, writer_step, path, seen) VALUES (:reader_notebook, :reader_step, :writer_notebook, :writer_step, :path, :seen) ON CONFLICT (reader_notebook, reader_step, writer_notebook, writer_step, path) DO UPDATE SET seen = excluded.seen

-- name: hazards.of
SELECT hazards.reader_notebook, hazards.reader_step, hazards.writer_notebook, hazards.writer_step, hazards.path, hazards.seen
FROM hazards
WHERE hazards.reader_notebook = :notebook OR hazards.writer_notebook = :notebook ORDER BY hazards.reader_notebook, hazards.reader_step, hazards.writer_notebook, hazards.writer_step, hazards.path

-- name: hazards.forget
DELETE FROM hazards WHERE hazards.reader_notebook = :notebook AND hazards.reader_step = :step

-- name: schedules.add
INSERT INTO schedules (id, name, root, revision, more) VALUES (:id, :name, :root, :revision, :more) ON CONFLICT DO NOTHING

-- name: schedules.all
SELECT schedules.id, schedules.name, schedules.root, schedules.revision, schedules.more
FROM schedules
WHERE schedules.root = :root ORDER BY schedules.name

-- name: schedules.named
SELECT schedules.id, schedules.name, schedules.root, schedules.revision, schedules.more
FROM schedules
WHERE schedules.root = :root AND schedules.name = :name

-- name: schedules.get
SELECT schedules.id, schedules.name, schedules.root, schedules.revision, schedules.more
FROM schedules
WHERE schedules.id = :id

-- name: schedules.change
UPDATE schedules SET revision=:revision, more=:more WHERE schedules.id = :its_id AND schedules.revision = :its_revision AND (:lease = '' OR (EXISTS (SELECT *
FROM claims
WHERE claims."key" = :lease AND claims.holder = :leader)))

-- name: schedules.remove
DELETE FROM schedules WHERE schedules.id = :id

-- name: dues.add
INSERT INTO dues (schedule, due, state, token, "after", expires, run, open, more) VALUES (:schedule, :due, :state, :token, :after, :expires, :run, :open, :more) ON CONFLICT DO NOTHING

-- name: dues.get
SELECT dues.schedule, dues.due, dues.state, dues.token, dues."after", dues.expires, dues.run, dues.open, dues.more
FROM dues
WHERE dues.schedule = :schedule AND dues.due = :due

-- name: dues.of
SELECT dues.schedule, dues.due, dues.state, dues.token, dues."after", dues.expires, dues.run, dues.open, dues.more
FROM dues
WHERE dues.schedule = :schedule ORDER BY dues.due DESC
 LIMIT :limit OFFSET 0

-- name: dues.open
SELECT dues.schedule, dues.due, dues.state, dues.token, dues."after", dues.expires, dues.run, dues.open, dues.more
FROM dues
WHERE dues.open = 1 AND dues.schedule IN (SELECT anon_1.value
FROM json_each(:schedules) AS anon_1) ORDER BY dues.schedule, dues.due

-- name: dues.change
UPDATE dues SET state=:state, token=:token, "after"=:after, expires=:expires, run=:run, open=:open, more=:more WHERE dues.schedule = :its_schedule AND dues.due = :its_due AND dues.state = :its_state AND dues.token = :its_token AND (:lease = '' OR (EXISTS (SELECT *
FROM claims
WHERE claims."key" = :lease AND claims.holder = :leader)))

-- name: dues.remove
DELETE FROM dues WHERE dues.schedule = :schedule

-- name: upkeep.entries
SELECT entries.id, entries."key", entries.result, entries.size, entries.seconds, entries.created, entries.used, entries.expires, entries.step_run, CASE WHEN (entries.step_run IN (SELECT CASE WHEN (step_runs.entry != '') THEN step_runs.entry ELSE step_runs.id END AS anon_2
FROM step_runs JOIN pins ON pins.kind = 'step_run' AND pins.target = step_runs.id UNION SELECT CASE WHEN (step_runs.entry != '') THEN step_runs.entry ELSE step_runs.id END AS anon_2
FROM step_runs JOIN pins ON pins.kind = 'run' AND pins.target = step_runs.run) OR (EXISTS (SELECT step_outputs.name
FROM step_outputs
WHERE step_outputs.step_run = entries.step_run AND (step_outputs.version IN (SELECT names.version
FROM names) OR step_outputs.version IN (SELECT pins.target
FROM pins
WHERE pins.kind = 'artifact')))) OR (EXISTS (SELECT entry_blobs.blob
FROM entry_blobs JOIN leases ON leases.blob = entry_blobs.blob
WHERE entry_blobs.entry = entries.id AND leases.expires > :now))) THEN 1 ELSE 0 END AS anon_1
FROM entries
WHERE entries.id > :after ORDER BY entries.id
 LIMIT :limit OFFSET 0

-- name: upkeep.remove
DELETE FROM entries WHERE entries.id = :its_id AND entries.used <= :its_use

-- name: upkeep.live
SELECT entry_blobs.blob
FROM entry_blobs UNION SELECT runs.lock
FROM runs
WHERE runs.lock IS NOT NULL UNION SELECT attempts.task
FROM attempts
WHERE attempts.task IS NOT NULL UNION SELECT step_runs.result
FROM step_runs
WHERE step_runs.state IN ('failed', 'cancelled', 'lost') AND step_runs.result IS NOT NULL UNION SELECT leases.blob
FROM leases
WHERE leases.expires > :now

-- name: upkeep.marked_parts
SELECT artifacts.part
FROM artifacts
WHERE artifacts.part IS NOT NULL AND (artifacts.version IN (SELECT names.version
FROM names) OR artifacts.version IN (SELECT pins.target
FROM pins
WHERE pins.kind = 'artifact'))

-- name: upkeep.orphans
SELECT artifacts.version
FROM artifacts
WHERE artifacts.part IS NOT NULL AND artifacts.created < :before AND artifacts.version > :after AND NOT (EXISTS (SELECT step_outputs.name
FROM step_outputs JOIN entries ON entries.step_run = step_outputs.step_run
WHERE step_outputs.version = artifacts.version)) AND NOT (artifacts.version IN (SELECT names.version
FROM names) OR artifacts.version IN (SELECT pins.target
FROM pins
WHERE pins.kind = 'artifact')) ORDER BY artifacts.version
 LIMIT :limit OFFSET 0

-- name: upkeep.drop_part
UPDATE artifacts SET part=NULL WHERE artifacts.version = :its_version

-- name: upkeep.using_blob
SELECT entries."key", entries.step_run
FROM entries JOIN entry_blobs ON entry_blobs.entry = entries.id
WHERE entry_blobs.blob = :blob

-- name: upkeep.dangling_names
SELECT names.name, names.version
FROM names
WHERE (names.version NOT IN (SELECT artifacts.version
FROM artifacts)) ORDER BY names.name

-- name: upkeep.count_runs
SELECT count(*) AS count_1
FROM runs

-- name: upkeep.count_step_runs
SELECT count(*) AS count_1
FROM step_runs

-- name: upkeep.count_entries
SELECT count(*) AS count_1
FROM entries

-- name: upkeep.count_artifacts
SELECT count(*) AS count_1
FROM artifacts

-- name: upkeep.count_claims
SELECT count(*) AS count_1
FROM claims
