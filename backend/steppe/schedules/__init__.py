"""Notebooks that run at set times, each due time once.

What holds, whatever restarts, clocks and other schedulers do:

**When a run is due.** A schedule's cron line, read in its time zone, gives instants. A time of day that a change to
summer time leaves out moves to the first moment after the gap; one that comes twice counts once, the first time; lines
that go by the hour or the minute go on by real hours and minutes (as Debian's cron has it; see `times`). Each schedule
has a *cursor*: all instants up to it have been entered. A look at the clock enters those between the cursor and now,
and moves the cursor to now. A clock that stands still or goes back enters nothing; what it has passed once is never
passed again. A clock that jumps ahead has the times between as missed ones: they are caught up, or left out, as the
schedule says (see `entering`).

**What is written before it is started.** Each due time is one row of the Catalog, unique by schedule and time, and
entered in one transaction with the move of the cursor. So a time is entered once, and none is lost between a cursor
that moved and a row that was not written. A row goes

    waiting → started → running → succeeded | failed        or, from its entry on: skipped

and each change names the state and the token that it has seen: of two who try, one succeeds. `started` is written,
with a new token and the run's id, before a process is launched. The process itself writes `running`, by that token; one
that comes too late, because its start was given up for dead, finds another token and ends without having run anything.

**Who may start it.** A scheduler that holds the project's lease, a claim in the Catalog. Each change that a scheduler
makes is made only while the lease is still its own: one that slept over its end changes nothing any more. The lease
keeps two from doing the same work; that nothing runs twice hangs on the rows alone.

**Who knows that it ended.** The process that runs it: it writes the row's end, with or without a scheduler, and says
every few seconds that it lives. One that dies without a word (a kill, a lost machine) is found by that, and
the due time is tried again: its steps that had finished are hits.

All times but a cron line's are those of the Catalog's one clock: the server's on PostgreSQL, the machine's on SQLite.
"""
