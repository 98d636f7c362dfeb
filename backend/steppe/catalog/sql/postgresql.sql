-- name: entries.find
SELECT entries.key, entries.result, entries.seconds, entries.created, entries.expires, entries.step_run, entries.size, entries.more
FROM entries
WHERE entries.key = %(key)s::VARCHAR COLLATE "C" ORDER BY entries.created DESC, entries.id DESC

-- name: entries.among
SELECT entries.key, entries.result, entries.seconds, entries.created, entries.expires, entries.step_run, entries.size, entries.more
FROM entries
WHERE entries.key IN (SELECT keys
FROM unnest(%(keys)s::TEXT[]) AS keys) ORDER BY entries.created DESC, entries.id DESC

-- name: entries.beginning
SELECT DISTINCT entries.key
FROM entries
WHERE entries.key >= %(low)s::VARCHAR COLLATE "C" AND entries.key < %(high)s::VARCHAR COLLATE "C" ORDER BY entries.key
 LIMIT %(limit)s OFFSET 0

-- name: entries.keep
INSERT INTO entries (key, trace_digest, result, seconds, created, expires, step_run, size, used, more) VALUES (%(key)s::VARCHAR COLLATE "C", %(trace_digest)s::VARCHAR COLLATE "C", %(result)s::VARCHAR COLLATE "C", %(seconds)s, %(created)s, %(expires)s, %(step_run)s::VARCHAR COLLATE "C", %(size)s::BIGINT, %(used)s, %(more)s) ON CONFLICT (key, trace_digest) DO UPDATE SET result = excluded.result, seconds = excluded.seconds, created = excluded.created, expires = excluded.expires, step_run = excluded.step_run, size = excluded.size, used = excluded.used, more = excluded.more WHERE excluded.created >= entries.created

-- name: entries.id
SELECT entries.id
FROM entries
WHERE entries.key = %(key)s::VARCHAR COLLATE "C" AND entries.trace_digest = %(trace_digest)s::VARCHAR COLLATE "C"

-- name: entries.touch
UPDATE entries SET used=%(now)s WHERE entries.key = %(its_key)s::VARCHAR COLLATE "C" AND entries.trace_digest = %(its_trace)s::VARCHAR COLLATE "C" AND entries.used < %(now)s

-- name: entries.clear_blobs
DELETE FROM entry_blobs WHERE entry_blobs.entry = %(entry)s::BIGINT

-- name: entries.add_blob
INSERT INTO entry_blobs (entry, blob) VALUES (%(entry)s::BIGINT, %(blob)s::VARCHAR COLLATE "C") ON CONFLICT DO NOTHING

-- name: entries.artifacts
SELECT step_outputs.name, artifacts.version, artifacts.type, artifacts.size, artifacts.preview, artifacts.more, artifacts.part
FROM step_outputs JOIN artifacts ON artifacts.version = step_outputs.version
WHERE step_outputs.step_run = %(step_run)s::VARCHAR COLLATE "C" ORDER BY step_outputs.name

-- name: entries.forget
DELETE FROM entries WHERE entries.key = %(key)s::VARCHAR COLLATE "C"

-- name: entries.forget_step
DELETE FROM entries WHERE entries.key IN (SELECT step_runs.key
FROM step_runs
WHERE step_runs.notebook = %(notebook)s::VARCHAR COLLATE "C" AND step_runs.step = %(step)s::VARCHAR COLLATE "C") OR entries.step_run IN (SELECT step_runs.id
FROM step_runs
WHERE step_runs.notebook = %(notebook)s::VARCHAR COLLATE "C" AND step_runs.step = %(step)s::VARCHAR COLLATE "C")

-- name: entries.forget_notebook
DELETE FROM entries WHERE entries.key IN (SELECT step_runs.key
FROM step_runs
WHERE step_runs.notebook = %(notebook)s::VARCHAR COLLATE "C") OR entries.step_run IN (SELECT step_runs.id
FROM step_runs
WHERE step_runs.notebook = %(notebook)s::VARCHAR COLLATE "C")

-- name: entries.forget_all
DELETE FROM entries

-- name: artifacts.get
SELECT artifacts.version, artifacts.type, artifacts.size, artifacts.preview, artifacts.more, artifacts.part
FROM artifacts
WHERE artifacts.version = %(version)s::VARCHAR COLLATE "C"

-- name: artifacts.among
SELECT artifacts.version, artifacts.type, artifacts.size, artifacts.preview, artifacts.more, artifacts.part
FROM artifacts
WHERE artifacts.version IN (SELECT versions
FROM unnest(%(versions)s::TEXT[]) AS versions)

-- name: artifacts.beginning
SELECT DISTINCT artifacts.version
FROM artifacts
WHERE artifacts.version >= %(low)s::VARCHAR COLLATE "C" AND artifacts.version < %(high)s::VARCHAR COLLATE "C" ORDER BY artifacts.version
 LIMIT %(limit)s OFFSET 0

-- name: artifacts.put
INSERT INTO artifacts (version, type, size, preview, more, part, anchored, created) VALUES (%(version)s::VARCHAR COLLATE "C", %(type)s::VARCHAR COLLATE "C", %(size)s::BIGINT, %(preview)s::VARCHAR COLLATE "C", %(more)s, %(part)s, %(anchored)s::SMALLINT, %(created)s) ON CONFLICT (version) DO UPDATE SET type = excluded.type, size = excluded.size, preview = excluded.preview, more = excluded.more, part = excluded.part, anchored = excluded.anchored WHERE excluded.part IS NOT NULL AND (artifacts.part IS NULL OR excluded.anchored <= artifacts.anchored)

-- name: artifacts.alias
INSERT INTO aliases (version, stored) VALUES (%(version)s::VARCHAR COLLATE "C", %(stored)s::VARCHAR COLLATE "C") ON CONFLICT (version) DO UPDATE SET stored = excluded.stored

-- name: artifacts.stored
SELECT aliases.stored
FROM aliases
WHERE aliases.version = %(version)s::VARCHAR COLLATE "C"

-- name: claims.acquire
INSERT INTO claims (key, holder, attempt, executor, handle, expires, label) VALUES (%(key)s::VARCHAR COLLATE "C", %(holder)s::VARCHAR COLLATE "C", %(attempt)s::VARCHAR COLLATE "C", %(executor)s::VARCHAR COLLATE "C", %(handle)s::VARCHAR COLLATE "C", (coalesce(%(now)s, CAST(EXTRACT(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)) + %(ttl)s), %(label)s::VARCHAR COLLATE "C") ON CONFLICT DO NOTHING

-- name: claims.get
SELECT claims.key, claims.holder, claims.attempt, claims.executor, claims.handle, claims.expires, claims.label
FROM claims
WHERE claims.key = %(key)s::VARCHAR COLLATE "C"

-- name: claims.among
SELECT claims.key, claims.holder, claims.attempt, claims.executor, claims.handle, claims.expires, claims.label
FROM claims
WHERE claims.key IN (SELECT keys
FROM unnest(%(keys)s::TEXT[]) AS keys)

-- name: claims.all
SELECT claims.key, claims.holder, claims.attempt, claims.executor, claims.handle, claims.expires, claims.label
FROM claims ORDER BY claims.key

-- name: claims.renew
UPDATE claims SET expires=(coalesce(%(now)s, CAST(EXTRACT(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)) + %(ttl)s) WHERE claims.key = %(its_key)s::VARCHAR COLLATE "C" AND claims.holder = %(its_holder)s::VARCHAR COLLATE "C"

-- name: claims.describe
UPDATE claims SET attempt=%(attempt)s::VARCHAR COLLATE "C", executor=%(executor)s::VARCHAR COLLATE "C", handle=%(handle)s::VARCHAR COLLATE "C", label=%(label)s::VARCHAR COLLATE "C" WHERE claims.key = %(its_key)s::VARCHAR COLLATE "C" AND claims.holder = %(its_holder)s::VARCHAR COLLATE "C"

-- name: claims.renew_all
UPDATE claims SET expires=(coalesce(%(now)s, CAST(EXTRACT(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)) + %(ttl)s) WHERE claims.holder = %(its_holder)s::VARCHAR COLLATE "C"

-- name: claims.held
SELECT claims.key, claims.holder, claims.attempt, claims.executor, claims.handle, claims.expires, claims.label
FROM claims
WHERE claims.holder = %(its_holder)s::VARCHAR COLLATE "C" ORDER BY claims.key

-- name: claims.release
DELETE FROM claims WHERE claims.key = %(its_key)s::VARCHAR COLLATE "C" AND claims.holder = %(its_holder)s::VARCHAR COLLATE "C"

-- name: claims.steal
UPDATE claims SET holder=%(holder)s::VARCHAR COLLATE "C", attempt=%(attempt)s::VARCHAR COLLATE "C", executor=%(executor)s::VARCHAR COLLATE "C", handle=%(handle)s::VARCHAR COLLATE "C", expires=(coalesce(%(now)s, CAST(EXTRACT(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)) + %(ttl)s), label=%(label)s::VARCHAR COLLATE "C" WHERE claims.key = %(its_key)s::VARCHAR COLLATE "C" AND claims.holder = %(its_holder)s::VARCHAR COLLATE "C" AND claims.attempt = %(its_attempt)s::VARCHAR COLLATE "C" AND (claims.expires <= coalesce(%(now)s, CAST(EXTRACT(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)) OR %(dead)s::SMALLINT = 1)

-- name: claims.now
SELECT coalesce(%(now)s, CAST(EXTRACT(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)) AS coalesce_1

-- name: leases.hold
INSERT INTO leases (holder, blob, expires) VALUES (%(holder)s::VARCHAR COLLATE "C", %(blob)s::VARCHAR COLLATE "C", (coalesce(%(now)s, CAST(EXTRACT(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)) + %(ttl)s)) ON CONFLICT (holder, blob) DO UPDATE SET expires = CASE WHEN (excluded.expires > leases.expires) THEN excluded.expires ELSE leases.expires END

-- name: leases.renew
UPDATE leases SET expires=(coalesce(%(now)s, CAST(EXTRACT(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)) + %(ttl)s) WHERE leases.holder = %(its_holder)s::VARCHAR COLLATE "C"

-- name: leases.release
DELETE FROM leases WHERE leases.holder = %(its_holder)s::VARCHAR COLLATE "C"

-- name: leases.expire
DELETE FROM leases WHERE leases.expires <= coalesce(%(now)s, CAST(EXTRACT(epoch FROM clock_timestamp()) AS DOUBLE PRECISION))

-- name: runs.put
INSERT INTO runs (id, kind, notebook, path, owner, host, pid, started, ended, status, commit, lock, more) VALUES (%(id)s::VARCHAR COLLATE "C", %(kind)s::VARCHAR COLLATE "C", %(notebook)s::VARCHAR COLLATE "C", %(path)s::VARCHAR COLLATE "C", %(owner)s::VARCHAR COLLATE "C", %(host)s::VARCHAR COLLATE "C", %(pid)s::BIGINT, %(started)s, %(ended)s, %(status)s::VARCHAR COLLATE "C", %(commit)s::VARCHAR COLLATE "C", %(lock)s::VARCHAR COLLATE "C", %(more)s) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, notebook = excluded.notebook, path = excluded.path, owner = excluded.owner, host = excluded.host, pid = excluded.pid, started = excluded.started, ended = excluded.ended, status = excluded.status, commit = excluded.commit, lock = excluded.lock, more = excluded.more

-- name: runs.get
SELECT runs.id, runs.kind, runs.notebook, runs.path, runs.owner, runs.host, runs.pid, runs.started, runs.ended, runs.status, runs.commit, runs.lock, runs.more
FROM runs
WHERE runs.id = %(id)s::VARCHAR COLLATE "C"

-- name: runs.beginning
SELECT DISTINCT runs.id
FROM runs
WHERE runs.id >= %(low)s::VARCHAR COLLATE "C" AND runs.id < %(high)s::VARCHAR COLLATE "C" ORDER BY runs.id
 LIMIT %(limit)s OFFSET 0

-- name: runs.commit
SELECT runs.commit
FROM runs
WHERE runs.id = %(id)s::VARCHAR COLLATE "C"

-- name: runs.difference
SELECT documents.body
FROM documents
WHERE documents.id = %(id)s::VARCHAR COLLATE "C"

-- name: runs.resolved
SELECT step_runs.notebook, step_runs.step, step_runs.part, max(step_runs.id) AS max_1
FROM step_runs
WHERE step_runs.run = %(run)s::VARCHAR COLLATE "C" GROUP BY step_runs.notebook, step_runs.step, step_runs.part ORDER BY step_runs.notebook, step_runs.step, step_runs.part

-- name: runs.tally
SELECT step_runs.run, step_runs.state, count(*) AS count_1
FROM step_runs
WHERE step_runs.run IN (SELECT runs
FROM unnest(%(runs)s::TEXT[]) AS runs) GROUP BY step_runs.run, step_runs.state

-- name: step_runs.state
SELECT step_runs.state
FROM step_runs
WHERE step_runs.id = %(id)s::VARCHAR COLLATE "C" FOR UPDATE

-- name: step_runs.add
INSERT INTO step_runs (id, run, notebook, step, part, cell, state, key, why, executor, started, ended, seconds, error, entry, result, more, source, ingredients, trace) VALUES (%(id)s::VARCHAR COLLATE "C", %(run)s::VARCHAR COLLATE "C", %(notebook)s::VARCHAR COLLATE "C", %(step)s::VARCHAR COLLATE "C", %(part)s::INTEGER, %(cell)s::VARCHAR COLLATE "C", %(state)s::VARCHAR COLLATE "C", %(key)s::VARCHAR COLLATE "C", %(why)s::VARCHAR COLLATE "C", %(executor)s::VARCHAR COLLATE "C", %(started)s, %(ended)s, %(seconds)s, %(error)s::VARCHAR COLLATE "C", %(entry)s::VARCHAR COLLATE "C", %(result)s::VARCHAR COLLATE "C", %(more)s, %(source)s::VARCHAR COLLATE "C", %(ingredients)s::VARCHAR COLLATE "C", %(trace)s::VARCHAR COLLATE "C") ON CONFLICT DO NOTHING

-- name: step_runs.put
INSERT INTO step_runs (id, run, notebook, step, part, cell, state, key, why, executor, started, ended, seconds, error, entry, result, more, source, ingredients, trace) VALUES (%(id)s::VARCHAR COLLATE "C", %(run)s::VARCHAR COLLATE "C", %(notebook)s::VARCHAR COLLATE "C", %(step)s::VARCHAR COLLATE "C", %(part)s::INTEGER, %(cell)s::VARCHAR COLLATE "C", %(state)s::VARCHAR COLLATE "C", %(key)s::VARCHAR COLLATE "C", %(why)s::VARCHAR COLLATE "C", %(executor)s::VARCHAR COLLATE "C", %(started)s, %(ended)s, %(seconds)s, %(error)s::VARCHAR COLLATE "C", %(entry)s::VARCHAR COLLATE "C", %(result)s::VARCHAR COLLATE "C", %(more)s, %(source)s::VARCHAR COLLATE "C", %(ingredients)s::VARCHAR COLLATE "C", %(trace)s::VARCHAR COLLATE "C") ON CONFLICT (id) DO UPDATE SET run = excluded.run, notebook = excluded.notebook, step = excluded.step, part = excluded.part, cell = excluded.cell, state = excluded.state, key = excluded.key, why = excluded.why, executor = excluded.executor, started = excluded.started, ended = excluded.ended, seconds = excluded.seconds, error = excluded.error, entry = excluded.entry, result = excluded.result, more = excluded.more, source = excluded.source, ingredients = excluded.ingredients, trace = excluded.trace

-- name: step_runs.document
INSERT INTO documents (id, body) VALUES (%(id)s::VARCHAR COLLATE "C", %(body)s) ON CONFLICT DO NOTHING

-- name: step_runs.clear_inputs
DELETE FROM step_inputs WHERE step_inputs.step_run = %(id)s::VARCHAR COLLATE "C"

-- name: step_runs.clear_outputs
DELETE FROM step_outputs WHERE step_outputs.step_run = %(id)s::VARCHAR COLLATE "C"

-- name: step_runs.add_input
INSERT INTO step_inputs (step_run, name, version) VALUES (%(step_run)s::VARCHAR COLLATE "C", %(name)s::VARCHAR COLLATE "C", %(version)s::VARCHAR COLLATE "C") ON CONFLICT DO NOTHING

-- name: step_runs.add_output
INSERT INTO step_outputs (step_run, name, version) VALUES (%(step_run)s::VARCHAR COLLATE "C", %(name)s::VARCHAR COLLATE "C", %(version)s::VARCHAR COLLATE "C") ON CONFLICT DO NOTHING

-- name: step_runs.get
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs.key, step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more, source.body, ingredients.body AS body_1, trace.body AS body_2
FROM step_runs LEFT OUTER JOIN documents AS source ON source.id = step_runs.source LEFT OUTER JOIN documents AS ingredients ON ingredients.id = step_runs.ingredients LEFT OUTER JOIN documents AS trace ON trace.id = step_runs.trace
WHERE step_runs.id = %(id)s::VARCHAR COLLATE "C"

-- name: step_runs.wholes
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs.key, step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more, source.body, ingredients.body AS body_1, trace.body AS body_2
FROM step_runs LEFT OUTER JOIN documents AS source ON source.id = step_runs.source LEFT OUTER JOIN documents AS ingredients ON ingredients.id = step_runs.ingredients LEFT OUTER JOIN documents AS trace ON trace.id = step_runs.trace
WHERE step_runs.id IN (SELECT ids
FROM unnest(%(ids)s::TEXT[]) AS ids) ORDER BY step_runs.id

-- name: step_runs.among
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs.key, step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more
FROM step_runs
WHERE step_runs.id IN (SELECT ids
FROM unnest(%(ids)s::TEXT[]) AS ids) ORDER BY step_runs.id

-- name: step_runs.beginning
SELECT DISTINCT step_runs.id
FROM step_runs
WHERE step_runs.id >= %(low)s::VARCHAR COLLATE "C" AND step_runs.id < %(high)s::VARCHAR COLLATE "C" ORDER BY step_runs.id
 LIMIT %(limit)s OFFSET 0

-- name: step_runs.codes
SELECT each.id, source.body, ingredients.body AS body_1
FROM (SELECT max(recent.id) AS id, recent.source AS source, recent.ingredients AS ingredients
FROM (SELECT step_runs.id AS id, step_runs.source AS source, step_runs.ingredients AS ingredients
FROM step_runs
WHERE step_runs.notebook = %(notebook)s::VARCHAR COLLATE "C" AND step_runs.step = %(step)s::VARCHAR COLLATE "C" AND step_runs.part = %(part)s::INTEGER AND step_runs.id < %(before)s::VARCHAR COLLATE "C" ORDER BY step_runs.id DESC
 LIMIT %(looked)s OFFSET 0) AS recent GROUP BY recent.source, recent.ingredients ORDER BY max(recent.id) DESC
 LIMIT %(limit)s OFFSET 0) AS each LEFT OUTER JOIN documents AS source ON source.id = each.source LEFT OUTER JOIN documents AS ingredients ON ingredients.id = each.ingredients ORDER BY each.id DESC

-- name: step_runs.count_hits
SELECT count(*) AS count_1
FROM step_runs
WHERE step_runs.entry = %(entry)s::VARCHAR COLLATE "C"

-- name: step_runs.last
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs.key, step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more, source.body, ingredients.body AS body_1, trace.body AS body_2
FROM step_runs LEFT OUTER JOIN documents AS source ON source.id = step_runs.source LEFT OUTER JOIN documents AS ingredients ON ingredients.id = step_runs.ingredients LEFT OUTER JOIN documents AS trace ON trace.id = step_runs.trace
WHERE step_runs.notebook = %(notebook)s::VARCHAR COLLATE "C" AND step_runs.step = %(step)s::VARCHAR COLLATE "C" AND step_runs.id < %(before)s::VARCHAR COLLATE "C" ORDER BY step_runs.id DESC
 LIMIT %(limit)s OFFSET 0

-- name: step_runs.last_of_part
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs.key, step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more, source.body, ingredients.body AS body_1, trace.body AS body_2
FROM step_runs LEFT OUTER JOIN documents AS source ON source.id = step_runs.source LEFT OUTER JOIN documents AS ingredients ON ingredients.id = step_runs.ingredients LEFT OUTER JOIN documents AS trace ON trace.id = step_runs.trace
WHERE step_runs.notebook = %(notebook)s::VARCHAR COLLATE "C" AND step_runs.step = %(step)s::VARCHAR COLLATE "C" AND step_runs.id < %(before)s::VARCHAR COLLATE "C" AND step_runs.part = %(part)s::INTEGER ORDER BY step_runs.id DESC
 LIMIT %(limit)s OFFSET 0

-- name: step_runs.last_useful
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs.key, step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more, source.body, ingredients.body AS body_1, trace.body AS body_2
FROM step_runs LEFT OUTER JOIN documents AS source ON source.id = step_runs.source LEFT OUTER JOIN documents AS ingredients ON ingredients.id = step_runs.ingredients LEFT OUTER JOIN documents AS trace ON trace.id = step_runs.trace
WHERE step_runs.notebook = %(notebook)s::VARCHAR COLLATE "C" AND step_runs.step = %(step)s::VARCHAR COLLATE "C" AND step_runs.id < %(before)s::VARCHAR COLLATE "C" AND step_runs.state IN ('hit', 'succeeded') ORDER BY step_runs.id DESC
 LIMIT %(limit)s OFFSET 0

-- name: step_runs.last_useful_of_part
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs.key, step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more, source.body, ingredients.body AS body_1, trace.body AS body_2
FROM step_runs LEFT OUTER JOIN documents AS source ON source.id = step_runs.source LEFT OUTER JOIN documents AS ingredients ON ingredients.id = step_runs.ingredients LEFT OUTER JOIN documents AS trace ON trace.id = step_runs.trace
WHERE step_runs.notebook = %(notebook)s::VARCHAR COLLATE "C" AND step_runs.step = %(step)s::VARCHAR COLLATE "C" AND step_runs.id < %(before)s::VARCHAR COLLATE "C" AND step_runs.part = %(part)s::INTEGER AND step_runs.state IN ('hit', 'succeeded') ORDER BY step_runs.id DESC
 LIMIT %(limit)s OFFSET 0

-- name: steps.get
SELECT steps.last, steps.facts
FROM steps
WHERE steps.notebook = %(notebook)s::VARCHAR COLLATE "C" AND steps.step = %(step)s::VARCHAR COLLATE "C" AND steps.part = %(part)s::INTEGER FOR UPDATE

-- name: steps.put
INSERT INTO steps (notebook, step, part, first, last, facts) VALUES (%(notebook)s::VARCHAR COLLATE "C", %(step)s::VARCHAR COLLATE "C", %(part)s::INTEGER, %(first)s::VARCHAR COLLATE "C", %(last)s::VARCHAR COLLATE "C", %(facts)s::VARCHAR COLLATE "C") ON CONFLICT (notebook, step, part) DO UPDATE SET last = excluded.last, facts = excluded.facts

-- name: steps.outdate_uses
UPDATE uses SET current=0 WHERE uses.notebook = %(notebook)s::VARCHAR COLLATE "C" AND uses.step = %(step)s::VARCHAR COLLATE "C" AND uses.part = %(part)s::INTEGER AND uses.current = 1

-- name: steps.outdate_commits
UPDATE uses SET current=0 WHERE uses.notebook = %(notebook)s::VARCHAR COLLATE "C" AND uses.step = %(step)s::VARCHAR COLLATE "C" AND uses.part = %(part)s::INTEGER AND uses.kind = 'commit' AND uses.current = 1

-- name: steps.put_use
INSERT INTO uses (kind, name, notebook, step, part, version, seen, current) VALUES (%(kind)s::VARCHAR COLLATE "C", %(name)s::VARCHAR COLLATE "C", %(notebook)s::VARCHAR COLLATE "C", %(step)s::VARCHAR COLLATE "C", %(part)s::INTEGER, %(version)s::VARCHAR COLLATE "C", %(seen)s::VARCHAR COLLATE "C", %(current)s::SMALLINT) ON CONFLICT (kind, name, notebook, step, part, version) DO UPDATE SET seen = excluded.seen, current = excluded.current

-- name: steps.add_use
INSERT INTO uses (kind, name, notebook, step, part, version, seen, current) VALUES (%(kind)s::VARCHAR COLLATE "C", %(name)s::VARCHAR COLLATE "C", %(notebook)s::VARCHAR COLLATE "C", %(step)s::VARCHAR COLLATE "C", %(part)s::INTEGER, %(version)s::VARCHAR COLLATE "C", %(seen)s::VARCHAR COLLATE "C", %(current)s::SMALLINT) ON CONFLICT DO NOTHING

-- name: steps.using
SELECT uses.kind, uses.name, uses.version, uses.notebook, uses.step, uses.part, uses.seen, uses.current
FROM uses
WHERE uses.kind = %(kind)s::VARCHAR COLLATE "C" AND uses.name = %(name)s::VARCHAR COLLATE "C" AND (uses.notebook, uses.step, uses.part, uses.version) > (%(after_notebook)s::VARCHAR COLLATE "C", %(after_step)s::VARCHAR COLLATE "C", %(after_part)s::INTEGER, %(after_version)s::VARCHAR COLLATE "C") ORDER BY uses.notebook, uses.step, uses.part, uses.version
 LIMIT %(limit)s OFFSET 0

-- name: steps.using_version
SELECT uses.kind, uses.name, uses.version, uses.notebook, uses.step, uses.part, uses.seen, uses.current
FROM uses
WHERE uses.kind = %(kind)s::VARCHAR COLLATE "C" AND uses.name = %(name)s::VARCHAR COLLATE "C" AND (uses.notebook, uses.step, uses.part, uses.version) > (%(after_notebook)s::VARCHAR COLLATE "C", %(after_step)s::VARCHAR COLLATE "C", %(after_part)s::INTEGER, %(after_version)s::VARCHAR COLLATE "C") AND uses.version = %(version)s::VARCHAR COLLATE "C" ORDER BY uses.notebook, uses.step, uses.part, uses.version
 LIMIT %(limit)s OFFSET 0

-- name: steps.uses
SELECT uses.kind, uses.name, uses.version, uses.notebook, uses.step, uses.part, uses.seen, uses.current
FROM uses
WHERE uses.notebook = %(notebook)s::VARCHAR COLLATE "C" AND uses.step = %(step)s::VARCHAR COLLATE "C" AND uses.part = %(part)s::INTEGER ORDER BY uses.kind, uses.name, uses.version

-- name: attempts.state
SELECT attempts.state
FROM attempts
WHERE attempts.id = %(id)s::VARCHAR COLLATE "C" FOR UPDATE

-- name: attempts.put
INSERT INTO attempts (id, step_run, number, executor, handle, task, started, ended, state, "end", more) VALUES (%(id)s::VARCHAR COLLATE "C", %(step_run)s::VARCHAR COLLATE "C", %(number)s::INTEGER, %(executor)s::VARCHAR COLLATE "C", %(handle)s::VARCHAR COLLATE "C", %(task)s::VARCHAR COLLATE "C", %(started)s, %(ended)s, %(state)s::VARCHAR COLLATE "C", %(end)s::VARCHAR COLLATE "C", %(more)s) ON CONFLICT (id) DO UPDATE SET step_run = excluded.step_run, number = excluded.number, executor = excluded.executor, handle = excluded.handle, task = excluded.task, started = excluded.started, ended = excluded.ended, state = excluded.state, "end" = excluded."end", more = excluded.more

-- name: attempts.get
SELECT attempts.id, attempts.step_run, attempts.number, attempts.executor, attempts.handle, attempts.task, attempts.started, attempts.ended, attempts.state, attempts."end", attempts.more
FROM attempts
WHERE attempts.id = %(id)s::VARCHAR COLLATE "C"

-- name: attempts.of
SELECT attempts.id, attempts.step_run, attempts.number, attempts.executor, attempts.handle, attempts.task, attempts.started, attempts.ended, attempts.state, attempts."end", attempts.more
FROM attempts
WHERE attempts.step_run = %(step_run)s::VARCHAR COLLATE "C" ORDER BY attempts.number, attempts.id

-- name: attempts.going
SELECT attempts.id, attempts.step_run, attempts.number, attempts.executor, attempts.handle, attempts.task, attempts.started, attempts.ended, attempts.state, attempts."end", attempts.more
FROM attempts
WHERE attempts.state IN ('pending', 'queued', 'running', 'retrying') ORDER BY attempts.id

-- name: metrics.add
INSERT INTO metrics (step_run, name, id, step, value, time) VALUES (%(step_run)s::VARCHAR COLLATE "C", %(name)s::VARCHAR COLLATE "C", %(id)s::VARCHAR COLLATE "C", %(step)s::BIGINT, %(value)s, %(time)s) ON CONFLICT DO NOTHING

-- name: metrics.put_latest
INSERT INTO latest_metrics (step_run, name, step, value, time) VALUES (%(step_run)s::VARCHAR COLLATE "C", %(name)s::VARCHAR COLLATE "C", %(step)s::BIGINT, %(value)s, %(time)s) ON CONFLICT (step_run, name) DO UPDATE SET step = excluded.step, value = excluded.value, time = excluded.time

-- name: metrics.series
SELECT metrics.id, metrics.name, metrics.step, metrics.value, metrics.time
FROM metrics
WHERE metrics.step_run = %(step_run)s::VARCHAR COLLATE "C" AND metrics.name = %(name)s::VARCHAR COLLATE "C" AND metrics.id > %(after)s::VARCHAR COLLATE "C" ORDER BY metrics.id
 LIMIT %(limit)s OFFSET 0

-- name: metrics.latest
SELECT latest_metrics.step_run, latest_metrics.name, latest_metrics.step, latest_metrics.value, latest_metrics.time
FROM latest_metrics
WHERE latest_metrics.step_run IN (SELECT step_runs
FROM unnest(%(step_runs)s::TEXT[]) AS step_runs) ORDER BY latest_metrics.step_run, latest_metrics.name

-- name: lineage.makers
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs.key, step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more
FROM step_runs JOIN (SELECT DISTINCT step_outputs.step_run AS step_run
FROM step_outputs
WHERE step_outputs.version = %(version)s::VARCHAR COLLATE "C" AND step_outputs.step_run > %(after)s::VARCHAR COLLATE "C" ORDER BY step_outputs.step_run
 LIMIT %(limit)s OFFSET 0) AS anon_1 ON anon_1.step_run = step_runs.id ORDER BY step_runs.id

-- name: lineage.users
SELECT step_runs.id, step_runs.run, step_runs.notebook, step_runs.step, step_runs.part, step_runs.cell, step_runs.state, step_runs.key, step_runs.why, step_runs.executor, step_runs.started, step_runs.ended, step_runs.seconds, step_runs.error, step_runs.entry, step_runs.result, step_runs.more
FROM step_runs JOIN (SELECT DISTINCT step_inputs.step_run AS step_run
FROM step_inputs
WHERE step_inputs.version = %(version)s::VARCHAR COLLATE "C" AND step_inputs.step_run < %(after)s::VARCHAR COLLATE "C" ORDER BY step_inputs.step_run DESC
 LIMIT %(limit)s OFFSET 0) AS anon_1 ON anon_1.step_run = step_runs.id ORDER BY step_runs.id DESC

-- name: lineage.user_ids
SELECT DISTINCT step_inputs.step_run
FROM step_inputs
WHERE step_inputs.version = %(version)s::VARCHAR COLLATE "C" AND step_inputs.step_run < %(after)s::VARCHAR COLLATE "C" ORDER BY step_inputs.step_run DESC
 LIMIT %(limit)s OFFSET 0

-- name: lineage.origins
SELECT versions, (SELECT min(step_outputs.step_run) AS min_1
FROM step_outputs
WHERE step_outputs.version = versions) AS anon_1
FROM unnest(%(versions)s::TEXT[]) AS versions

-- name: lineage.inputs
SELECT step_inputs.step_run, step_inputs.name, step_inputs.version
FROM step_inputs
WHERE step_inputs.step_run IN (SELECT step_runs
FROM unnest(%(step_runs)s::TEXT[]) AS step_runs) ORDER BY step_inputs.step_run, step_inputs.name

-- name: lineage.outputs
SELECT step_outputs.step_run, step_outputs.name, step_outputs.version
FROM step_outputs
WHERE step_outputs.step_run IN (SELECT step_runs
FROM unnest(%(step_runs)s::TEXT[]) AS step_runs) ORDER BY step_outputs.step_run, step_outputs.name

-- name: notes.add
INSERT INTO notes (id, kind, subject, text, author, time) VALUES (%(id)s::VARCHAR COLLATE "C", %(kind)s::VARCHAR COLLATE "C", %(subject)s::VARCHAR COLLATE "C", %(text)s::VARCHAR COLLATE "C", %(author)s::VARCHAR COLLATE "C", %(time)s) ON CONFLICT DO NOTHING

-- name: notes.of
SELECT notes.id, notes.kind, notes.subject, notes.text, notes.author, notes.time
FROM notes
WHERE notes.kind = %(kind)s::VARCHAR COLLATE "C" AND notes.subject = %(subject)s::VARCHAR COLLATE "C" ORDER BY notes.id

-- name: notes.edit
UPDATE notes SET text=%(its_text)s::VARCHAR COLLATE "C" WHERE notes.id = %(its_id)s::VARCHAR COLLATE "C"

-- name: notes.remove
DELETE FROM notes WHERE notes.id = %(id)s::VARCHAR COLLATE "C"

-- name: notes.tag
INSERT INTO tags (kind, subject, tag) VALUES (%(kind)s::VARCHAR COLLATE "C", %(subject)s::VARCHAR COLLATE "C", %(tag)s::VARCHAR COLLATE "C") ON CONFLICT DO NOTHING

-- name: notes.untag
DELETE FROM tags WHERE tags.kind = %(kind)s::VARCHAR COLLATE "C" AND tags.subject = %(subject)s::VARCHAR COLLATE "C" AND tags.tag = %(tag)s::VARCHAR COLLATE "C"

-- name: notes.tags
SELECT tags.subject, tags.tag
FROM tags
WHERE tags.kind = %(kind)s::VARCHAR COLLATE "C" AND tags.subject IN (SELECT subjects
FROM unnest(%(subjects)s::TEXT[]) AS subjects) ORDER BY tags.subject, tags.tag

-- name: names.put
INSERT INTO names (name, version, author, time, note) VALUES (%(name)s::VARCHAR COLLATE "C", %(version)s::VARCHAR COLLATE "C", %(author)s::VARCHAR COLLATE "C", %(time)s, %(note)s::VARCHAR COLLATE "C") ON CONFLICT (name) DO UPDATE SET version = excluded.version, author = excluded.author, time = excluded.time, note = excluded.note

-- name: names.add_move
INSERT INTO name_moves (name, id, version, author, time, note) VALUES (%(name)s::VARCHAR COLLATE "C", %(id)s::VARCHAR COLLATE "C", %(version)s::VARCHAR COLLATE "C", %(author)s::VARCHAR COLLATE "C", %(time)s, %(note)s::VARCHAR COLLATE "C") ON CONFLICT DO NOTHING

-- name: names.get
SELECT names.name, names.version, names.author, names.time, names.note
FROM names
WHERE names.name = %(name)s::VARCHAR COLLATE "C"

-- name: names.all
SELECT names.name, names.version, names.author, names.time, names.note
FROM names ORDER BY names.name

-- name: names.history
SELECT name_moves.name, name_moves.version, name_moves.author, name_moves.time, name_moves.note
FROM name_moves
WHERE name_moves.name = %(name)s::VARCHAR COLLATE "C" ORDER BY name_moves.id DESC

-- name: names.drop
DELETE FROM names WHERE names.name = %(name)s::VARCHAR COLLATE "C"

-- name: names.pin
INSERT INTO pins (kind, target, reason, time) VALUES (%(kind)s::VARCHAR COLLATE "C", %(target)s::VARCHAR COLLATE "C", %(reason)s::VARCHAR COLLATE "C", %(time)s) ON CONFLICT (kind, target) DO UPDATE SET reason = excluded.reason, time = excluded.time

-- name: names.unpin
DELETE FROM pins WHERE pins.kind = %(kind)s::VARCHAR COLLATE "C" AND pins.target = %(target)s::VARCHAR COLLATE "C"

-- name: names.pins
SELECT pins.kind, pins.target, pins.reason, pins.time
FROM pins ORDER BY pins.kind, pins.target

-- name: hazards.put
INSERT INTO hazards (reader_notebook, reader_step, writer_notebook, writer_step, path, seen) VALUES (%(reader_notebook)s::VARCHAR COLLATE "C", %(reader_step)s::VARCHAR COLLATE "C", %(writer_notebook)s::VARCHAR COLLATE "C", %(writer_step)s::VARCHAR COLLATE "C", %(path)s::VARCHAR COLLATE "C", %(seen)s) ON CONFLICT (reader_notebook, reader_step, writer_notebook, writer_step, path) DO UPDATE SET seen = excluded.seen

-- name: hazards.of
SELECT hazards.reader_notebook, hazards.reader_step, hazards.writer_notebook, hazards.writer_step, hazards.path, hazards.seen
FROM hazards
WHERE hazards.reader_notebook = %(notebook)s::VARCHAR COLLATE "C" OR hazards.writer_notebook = %(notebook)s::VARCHAR COLLATE "C" ORDER BY hazards.reader_notebook, hazards.reader_step, hazards.writer_notebook, hazards.writer_step, hazards.path

-- name: hazards.forget
DELETE FROM hazards WHERE hazards.reader_notebook = %(notebook)s::VARCHAR COLLATE "C" AND hazards.reader_step = %(step)s::VARCHAR COLLATE "C"

-- name: schedules.add
INSERT INTO schedules (id, name, root, revision, more) VALUES (%(id)s::VARCHAR COLLATE "C", %(name)s::VARCHAR COLLATE "C", %(root)s::VARCHAR COLLATE "C", %(revision)s::BIGINT, %(more)s) ON CONFLICT DO NOTHING

-- name: schedules.all
SELECT schedules.id, schedules.name, schedules.root, schedules.revision, schedules.more
FROM schedules
WHERE schedules.root = %(root)s::VARCHAR COLLATE "C" ORDER BY schedules.name

-- name: schedules.named
SELECT schedules.id, schedules.name, schedules.root, schedules.revision, schedules.more
FROM schedules
WHERE schedules.root = %(root)s::VARCHAR COLLATE "C" AND schedules.name = %(name)s::VARCHAR COLLATE "C"

-- name: schedules.get
SELECT schedules.id, schedules.name, schedules.root, schedules.revision, schedules.more
FROM schedules
WHERE schedules.id = %(id)s::VARCHAR COLLATE "C"

-- name: schedules.change
UPDATE schedules SET revision=%(revision)s::BIGINT, more=%(more)s WHERE schedules.id = %(its_id)s::VARCHAR COLLATE "C" AND schedules.revision = %(its_revision)s::BIGINT AND (%(lease)s::VARCHAR COLLATE "C" = '' OR (EXISTS (SELECT *
FROM claims
WHERE claims.key = %(lease)s::VARCHAR COLLATE "C" AND claims.holder = %(leader)s::VARCHAR COLLATE "C")))

-- name: schedules.remove
DELETE FROM schedules WHERE schedules.id = %(id)s::VARCHAR COLLATE "C"

-- name: dues.add
INSERT INTO dues (schedule, due, state, token, after, expires, run, open, more) VALUES (%(schedule)s::VARCHAR COLLATE "C", %(due)s::BIGINT, %(state)s::VARCHAR COLLATE "C", %(token)s::VARCHAR COLLATE "C", %(after)s, %(expires)s, %(run)s::VARCHAR COLLATE "C", %(open)s::SMALLINT, %(more)s) ON CONFLICT DO NOTHING

-- name: dues.get
SELECT dues.schedule, dues.due, dues.state, dues.token, dues.after, dues.expires, dues.run, dues.open, dues.more
FROM dues
WHERE dues.schedule = %(schedule)s::VARCHAR COLLATE "C" AND dues.due = %(due)s::BIGINT

-- name: dues.of
SELECT dues.schedule, dues.due, dues.state, dues.token, dues.after, dues.expires, dues.run, dues.open, dues.more
FROM dues
WHERE dues.schedule = %(schedule)s::VARCHAR COLLATE "C" ORDER BY dues.due DESC
 LIMIT %(limit)s OFFSET 0

-- name: dues.open
SELECT dues.schedule, dues.due, dues.state, dues.token, dues.after, dues.expires, dues.run, dues.open, dues.more
FROM dues
WHERE dues.open = 1 AND dues.schedule IN (SELECT schedules
FROM unnest(%(schedules)s::TEXT[]) AS schedules) ORDER BY dues.schedule, dues.due

-- name: dues.change
UPDATE dues SET state=%(state)s::VARCHAR COLLATE "C", token=%(token)s::VARCHAR COLLATE "C", after=%(after)s, expires=%(expires)s, run=%(run)s::VARCHAR COLLATE "C", open=%(open)s::SMALLINT, more=%(more)s WHERE dues.schedule = %(its_schedule)s::VARCHAR COLLATE "C" AND dues.due = %(its_due)s::BIGINT AND dues.state = %(its_state)s::VARCHAR COLLATE "C" AND dues.token = %(its_token)s::VARCHAR COLLATE "C" AND (%(lease)s::VARCHAR COLLATE "C" = '' OR (EXISTS (SELECT *
FROM claims
WHERE claims.key = %(lease)s::VARCHAR COLLATE "C" AND claims.holder = %(leader)s::VARCHAR COLLATE "C")))

-- name: dues.remove
DELETE FROM dues WHERE dues.schedule = %(schedule)s::VARCHAR COLLATE "C"

-- name: upkeep.entries
SELECT entries.id, entries.key, entries.result, entries.size, entries.seconds, entries.created, entries.used, entries.expires, entries.step_run, CASE WHEN (entries.step_run IN (SELECT CASE WHEN (step_runs.entry != '') THEN step_runs.entry ELSE step_runs.id END AS anon_2
FROM step_runs JOIN pins ON pins.kind = 'step_run' AND pins.target = step_runs.id UNION SELECT CASE WHEN (step_runs.entry != '') THEN step_runs.entry ELSE step_runs.id END AS anon_2
FROM step_runs JOIN pins ON pins.kind = 'run' AND pins.target = step_runs.run) OR (EXISTS (SELECT step_outputs.name
FROM step_outputs
WHERE step_outputs.step_run = entries.step_run AND (step_outputs.version IN (SELECT names.version
FROM names) OR step_outputs.version IN (SELECT pins.target
FROM pins
WHERE pins.kind = 'artifact')))) OR (EXISTS (SELECT entry_blobs.blob
FROM entry_blobs JOIN leases ON leases.blob = entry_blobs.blob
WHERE entry_blobs.entry = entries.id AND leases.expires > coalesce(%(now)s, CAST(EXTRACT(epoch FROM clock_timestamp()) AS DOUBLE PRECISION))))) THEN 1 ELSE 0 END AS anon_1
FROM entries
WHERE entries.id > %(after)s::BIGINT ORDER BY entries.id
 LIMIT %(limit)s OFFSET 0

-- name: upkeep.remove
DELETE FROM entries WHERE entries.id = %(its_id)s::BIGINT AND entries.used <= %(its_use)s

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
WHERE leases.expires > coalesce(%(now)s, CAST(EXTRACT(epoch FROM clock_timestamp()) AS DOUBLE PRECISION))

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
WHERE artifacts.part IS NOT NULL AND artifacts.created < %(before)s AND artifacts.version > %(after)s::VARCHAR COLLATE "C" AND NOT (EXISTS (SELECT step_outputs.name
FROM step_outputs JOIN entries ON entries.step_run = step_outputs.step_run
WHERE step_outputs.version = artifacts.version)) AND NOT (artifacts.version IN (SELECT names.version
FROM names) OR artifacts.version IN (SELECT pins.target
FROM pins
WHERE pins.kind = 'artifact')) ORDER BY artifacts.version
 LIMIT %(limit)s OFFSET 0

-- name: upkeep.drop_part
UPDATE artifacts SET part=NULL WHERE artifacts.version = %(its_version)s::VARCHAR COLLATE "C"

-- name: upkeep.using_blob
SELECT entries.key, entries.step_run
FROM entries JOIN entry_blobs ON entry_blobs.entry = entries.id
WHERE entry_blobs.blob = %(blob)s::VARCHAR COLLATE "C"

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
