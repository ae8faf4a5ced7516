"""Defines the tables of the state database: they survive every crash and are never rebuilt.

Dates are quota days as ISO text, which sorts the same in SQLite and PostgreSQL; moments are seconds since 1970 by the
database's own clock.
"""

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    literal,
)

METADATA = MetaData()

DAY = String(10)
NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""Type of numbers that the database counts up: SQLite does it for its INTEGER only."""

schema = Table("schema_version", METADATA, Column("version", Integer, primary_key=True))

turns = Table(
    "turns",
    METADATA,
    # One row each time somebody starts to ask; its number is the fencing token of what it reserves.
    Column("turn", Integer, primary_key=True, autoincrement=True),
    Column("worker", String, nullable=False),  # who asks; a worker's new turn ends its earlier ones
    Column("run_id", String, nullable=False),
    Column("day", DAY, nullable=False),
    Column("begun_at", Float(53), nullable=False),
    Column("seen_at", Float(53), nullable=False),
    Column("lease_until", Float(53), nullable=False),  # 0: ended by itself
    Column("taken_by", Integer),  # the turn that took over what it held; from then on all it does is void
    Column("sent", Integer, nullable=False),  # questions in messages, those sent again counted again
    Column("settled", Integer, nullable=False),
    Column("stopped_by", String),  # why it ended; null while asking or after a crash
    Column("last_error", String),
)

questions = Table(
    "questions",
    METADATA,
    # Given in the order of asking, so that what is asked together lies together on disk.
    Column("sequence", NUMBER, primary_key=True),
    Column("request_id", String(36), nullable=False, unique=True),
    Column("content_hash", String(64), nullable=False),
    Column("person_id", String(12), nullable=False),
    Column("sector", String, nullable=False),
    Column("tenant", String, nullable=False),
    # Points of priority.toml: the dearest of a tenant's questions of one day is asked first.
    Column("value", Integer, nullable=False),
    Column("likely", Integer, nullable=False),
    Column("urgent", Integer, nullable=False),
    Column("unblocks", Integer, nullable=False),
    Column("state", String(9), nullable=False),
    Column("reason", String),  # why cancelled
    Column("enqueued_on", DAY, nullable=False),
    Column("reserved_on", DAY),
    Column("asked_on", DAY),
    Column("asked_by", Integer),  # the turn that sent it first
    Column("charged_on", DAY),  # the gateway's quota day, from its answer
    Column("cancelled_on", DAY),
    Column("lease_token", Integer),  # the turn that holds it; a stale turn's settling is void
    Column("result", String(16)),
    Column("id_flag", String(1)),
    Column("name_flag", String(1)),
    Column("birth_flag", String(1)),
    Column("sex_flag", String(1)),
    # What is asked; kept only until it has been answered or cancelled.
    Column("id_number", String(12)),
    Column("full_name", String),
    Column("date_of_birth", DAY),
    Column("sex", String(8)),
)

WAITING = questions.c.state == literal("waiting", literal_execute=True)
IN_FLIGHT = questions.c.state.in_([literal(state, literal_execute=True) for state in ("reserved", "asked")])
"""Condition of questions in flight, spelt as the indexes below are: only then do the databases use them."""

# Partial: a question leaves them as it moves on, and the answered millions cost nothing.
Index(
    "questions_waiting",
    *(questions.c.tenant, questions.c.enqueued_on, questions.c.value.desc(), questions.c.request_id),
    sqlite_where=WAITING,
    postgresql_where=WAITING,
)
Index(
    "questions_in_flight",
    questions.c.state,
    sqlite_where=IN_FLIGHT,
    postgresql_where=IN_FLIGHT,
)

quota_days = Table(
    "quota_days",
    METADATA,
    Column("day", DAY, primary_key=True),
    Column("cap", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),  # places taken: in flight and charged
    Column("charged", Integer, nullable=False),
)

tenant_days = Table(
    "tenant_days",
    METADATA,
    # A tenant's part of a quota day, whoever asks for it: the plan in force, and what was taken of it.
    Column("day", DAY, primary_key=True),
    Column("tenant", String, primary_key=True),
    Column("places", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
)

ledger = Table(
    "ledger",
    METADATA,
    # Append-only; its sums are quota_days and tenant_days.
    Column("entry", NUMBER, primary_key=True, autoincrement=True),
    Column("day", DAY, nullable=False, index=True),
    Column("turn", Integer, nullable=False),  # whose reservation
    Column("tenant", String, nullable=False),
    Column("enqueued_on", DAY, nullable=False),  # how long it had waited
    Column("reserved", Integer, nullable=False),
    Column("charged", Integer, nullable=False),
)

plans = Table(
    "plans",
    METADATA,
    # Append-only: each time the day's places were computed. A day's last plan is in force. With its allocations and
    # the orders up to the one that it knew it can be computed again (verify/plan.py).
    Column("plan", Integer, primary_key=True, autoincrement=True),
    Column("turn", Integer, nullable=False),
    Column("day", DAY, nullable=False, index=True),
    Column("rule", String, nullable=False),  # policy and version
    Column("cap", Integer, nullable=False),
    Column("order", Integer, nullable=False),  # the last order that it knew; 0: none
)

allocations = Table(
    "allocations",
    METADATA,
    # What a plan found to be each tenant's places for the whole day, in parts.
    Column("plan", Integer, primary_key=True),
    Column("tenant", String, primary_key=True),
    Column("weight", String, nullable=False),  # exact, as 3/2
    # Enqueue day → how many, when the plan was made: what waited, and what had been asked on the plan's day.
    Column("waiting", JSON, nullable=False),
    Column("used", JSON, nullable=False),
    Column("floor", Integer, nullable=False),
    Column("aged", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("override", Integer, nullable=False),
    Column("left_over", Integer, nullable=False),
    Column("earlier", Integer, nullable=False),
)

orders = Table(
    "orders",
    METADATA,
    # Append-only: what a human ordered of the queue; the last word of its kind holds.
    Column("order", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(8), nullable=False),  # cap, pause, resume, policy, weight, override
    Column("detail", JSON, nullable=False),
    Column("given_by", String, nullable=False),
    Column("given_at", String, nullable=False),
    Column("reason", String, nullable=False),
)

nights = Table(
    "nights",
    METADATA,
    Column("run_id", String, primary_key=True),
    Column("night", DAY, nullable=False),
    Column("figures", JSON, nullable=False),
)

night_places = Table(
    "night_places",
    METADATA,
    # What each place of a run of the last days had to mend, packed as text: pipelines/workspace/night_places.py.
    Column("run_id", String, primary_key=True),
    Column("night", DAY, nullable=False, index=True),
    Column("places", Text, nullable=False),
)

decisions = Table(
    "decisions",
    METADATA,
    # Append-only: pipelines/link/human_decisions.py says which decision about a record is the last.
    Column("decision", Integer, primary_key=True, autoincrement=True),
    Column("sector", String, nullable=False),
    Column("content", String(64), nullable=False),  # fingerprint of what the record says
    Column("verdict", String(9), nullable=False),  # same, different, nobody, revoked
    Column("person_id", String),  # null: nobody, revoked
    Column("person", String(64)),  # fingerprint of what the registry says of the person
    Column("decided_by", String, nullable=False),
    Column("decided_at", String, nullable=False),
    Column("reason", String, nullable=False),
    Index("decisions_of_content", "sector", "content"),
)

review_answers = Table(
    "review_answers",
    METADATA,
    # Append-only: what each person answered about a record; pipelines/review/disagreement.py says what it comes to.
    Column("answer", NUMBER, primary_key=True, autoincrement=True),
    Column("sector", String, nullable=False),
    Column("content", String(64), nullable=False),  # fingerprint of what the record says
    Column("tenant", String, nullable=False),
    Column("said", String(9), nullable=False),  # same, different, nobody, unsure, undone
    Column("person_id", String),
    Column("person", String(64)),  # fingerprint of what the registry says of the person
    Column("given_by", String, nullable=False),
    Column("given_at", Float(53), nullable=False),
    Column("note", String, nullable=False),
    Column("together", NUMBER),  # the first answer of those that were given as one, for a pattern of agreement
    Column("undoes", NUMBER),  # the answer that is taken back
    Index("review_answers_of_content", "sector", "content"),
)

review_claims = Table(
    "review_claims",
    METADATA,
    # Who has a record open: nobody else may take it until then.
    Column("sector", String, primary_key=True),
    Column("content", String(64), primary_key=True),
    Column("held_by", String, nullable=False),
    Column("until", Float(53), nullable=False),
)

review_readers = Table(
    "review_readers",
    METADATA,
    # Append-only: how many like answers decide a tenant's records; the last word holds, 1 where there is none.
    Column("order", Integer, primary_key=True, autoincrement=True),
    Column("tenant", String, nullable=False),
    Column("readers", Integer, nullable=False),
    Column("given_by", String, nullable=False),
    Column("given_at", Float(53), nullable=False),
    Column("reason", String, nullable=False),
)

accounts = Table(
    "accounts",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("password", String, nullable=False),  # argon2's own text, with its salt
    Column("role", String(16), nullable=False),
    Column("must_change", Integer, nullable=False),  # 1: the password was made by somebody else
    Column("is_disabled", Integer, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", Float(53), nullable=False),
)

account_tenants = Table(
    "account_tenants",
    METADATA,
    # What a reviewer may see: a tenant, `*` for all sectors or all provinces.
    Column("name", String(64), primary_key=True),
    Column("sector", String, primary_key=True),
    Column("province", String(2), primary_key=True),
)

second_factors = Table(
    "second_factors",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("secret", String(64), nullable=False),  # encrypted by a key that is no part of the workspace
    Column("confirmed_at", Float(53)),  # null: shown, but no code of it was seen yet
    Column("last_step", NUMBER, nullable=False),  # the half minute of the last code that was taken: none is twice
)

recovery_codes = Table(
    "recovery_codes",
    METADATA,
    # Those that are left: a used one is gone.
    Column("name", String(64), primary_key=True),
    Column("digest", String(64), primary_key=True),  # sha256 of 120 random bits
)

sessions = Table(
    "sessions",
    METADATA,
    Column("token", String(64), primary_key=True),  # sha256 of the cookie
    Column("name", String(64), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("begun_at", Float(53), nullable=False),
    Column("seen_at", Float(53), nullable=False),
    Column("view", JSON, nullable=False),  # filters and search, which no URL may hold
)

sign_in_failures = Table(
    "sign_in_failures",
    METADATA,
    Column("failure", NUMBER, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False, index=True),  # sha256 of the name or address that was tried
    Column("at", Float(53), nullable=False),
)

review_samples = Table(
    "review_samples",
    METADATA,
    # What a run drew at random for the estimate of its links: pipelines/report/feedback.py.
    Column("run_id", String, primary_key=True),
    Column("place", Integer, primary_key=True),  # in the order in which they were drawn
    Column("night", DAY, nullable=False, index=True),
    Column("record_id", String, nullable=False),
    Column("sector", String, nullable=False),
    Column("content", String(64), nullable=False, index=True),  # fingerprint of what the record says
    Column("decision", String(6), nullable=False),  # link, review, none: the night's own
    Column("person_id", String(12)),
    Column("after", Integer, nullable=False),  # number of the last human decision when it was drawn
)

first_seen = Table(
    "first_seen",
    METADATA,
    # When a file's content first came: the later of two versions of a list is known by it.
    Column("sector", String, primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("night", DAY, nullable=False),
    Column("source_file", String, nullable=False),
)

replacements = Table(
    "replacements",
    METADATA,
    # Append-only: files that may take values away from what they replace, because a human said so.
    Column("replacement", Integer, primary_key=True, autoincrement=True),
    Column("sector", String, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("given_by", String, nullable=False),
    Column("given_at", String, nullable=False),
    Column("reason", String, nullable=False),
)

lists = Table(
    "lists",
    METADATA,
    # The lists that a run's report handed out: a filled-in workbook is known by its number and checksum.
    Column("run_id", String, primary_key=True),
    Column("recipient", String, primary_key=True),
    Column("list_id", String(16), nullable=False, index=True),
    Column("night", DAY, nullable=False, index=True),
    Column("sector", String, nullable=False),
    Column("checksum", String(64), nullable=False),
    Column("counts", JSON, nullable=False),  # needs_work and groups of status → records
)

corrections = Table(
    "corrections",
    METADATA,
    # Append-only: who approved that these corrections of a file are filled in; the digest is of the changes.
    Column("approval", Integer, primary_key=True, autoincrement=True),
    Column("digest", String(64), nullable=False, index=True),
    Column("sector", String, nullable=False),
    Column("source_file", String, nullable=False),
    Column("cells", Integer, nullable=False),
    Column("approved_by", String, nullable=False),
    Column("approved_at", String, nullable=False),
    Column("reason", String, nullable=False),
)

list_answers = Table(
    "list_answers",
    METADATA,
    # Append-only: each different answer of a list's row once, and what became of it.
    Column("answer", NUMBER, primary_key=True, autoincrement=True),
    Column("list_id", String(16), nullable=False),
    Column("record_id", String, nullable=False),
    Column("digest", String(64), nullable=False),  # of what was answered and by whom: nothing is applied twice
    Column("file_sha256", String(64), nullable=False),
    Column("night", DAY, nullable=False),  # of the list
    Column("sector", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("content", String(64), nullable=False, index=True),  # fingerprint of what the record said in the list
    Column("key", String(64)),  # fingerprint of the department's own code of it
    Column("said", String(9), nullable=False),  # mended, cannot, same, different
    Column("person_id", String(12)),  # of whom `same` and `different` speak
    Column("answered_by", String, nullable=False),
    Column("outcome", String(8), nullable=False),  # applied, noted, third, refused
    Column("why", String),  # code of why it was refused
    UniqueConstraint("list_id", "record_id", "digest"),
)

audit_log = Table(
    "audit_log",
    METADATA,
    # Append-only, by pipelines/workspace/audit_log.py alone; numbered from 1 without a gap.
    Column("entry", NUMBER, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False, index=True),
    Column("line", Text, nullable=False),  # canonical JSON of the whole entry, its kind too
    Column("leaf", String(64), nullable=False),  # hash of the line
    Column("subtree", String(64), nullable=False),  # hash of the largest perfect subtree that ends here
)

_UNCHANGEABLE = (
    "CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
)
_UNCHANGEABLE_POSTGRESQL = (
    "CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
    "CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only()",
)
"""A first guard, against a slip: whoever may drop a trigger is found by the tree."""
for _dialect, _statements in (("sqlite", _UNCHANGEABLE), ("postgresql", _UNCHANGEABLE_POSTGRESQL)):
    for _statement in _statements:
        event.listen(audit_log, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
