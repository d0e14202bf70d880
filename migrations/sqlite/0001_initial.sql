-- Times are milliseconds since 1970-01-01 UTC. UIDs are DICOM UIDs without padding, digests lower-case hexadecimal.

CREATE TABLE studies (
    study_uid         TEXT PRIMARY KEY,
    patient_id        TEXT NOT NULL,
    patient_issuer    TEXT,
    study_date        TEXT,              -- YYYY-MM-DD
    last_received_ms  INTEGER NOT NULL
) STRICT;
CREATE INDEX studies_by_arrival ON studies (last_received_ms);

CREATE TABLE series (
    series_uid   TEXT PRIMARY KEY,
    study_uid    TEXT NOT NULL REFERENCES studies (study_uid),
    modality     TEXT NOT NULL,
    description  TEXT,
    revision     INTEGER NOT NULL        -- grows by one with every request that added an instance
) STRICT;
CREATE INDEX series_of_study ON series (study_uid);

CREATE TABLE instances (
    sop_uid              TEXT PRIMARY KEY,
    series_uid           TEXT NOT NULL REFERENCES series (series_uid),
    sop_class_uid        TEXT NOT NULL,
    transfer_syntax_uid  TEXT NOT NULL,
    sha256               TEXT NOT NULL,
    size_bytes           INTEGER NOT NULL,
    instance_number      INTEGER,
    received_ms          INTEGER NOT NULL
) STRICT;
CREATE INDEX instances_of_series ON instances (series_uid);

-- An instance that was refused, beside what is kept in its place.
CREATE TABLE conflicts (
    id               INTEGER PRIMARY KEY,
    reason           TEXT NOT NULL CHECK (reason IN ('content', 'patient', 'hierarchy')),
    sop_uid          TEXT NOT NULL,
    series_uid       TEXT NOT NULL,
    study_uid        TEXT NOT NULL,
    kept_sha256      TEXT,               -- null when no instance of this UID is kept
    offered_sha256   TEXT NOT NULL,
    offered_bytes    INTEGER NOT NULL,
    offered_ms       INTEGER NOT NULL
) STRICT;

CREATE TABLE jobs (
    id              INTEGER PRIMARY KEY,
    series_uid      TEXT NOT NULL REFERENCES series (series_uid),
    revision        INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    attempts        INTEGER NOT NULL,
    due_ms          INTEGER NOT NULL,
    lease_token     TEXT,
    lease_until_ms  INTEGER,
    reason          TEXT,
    UNIQUE (series_uid, revision)
) STRICT;
CREATE INDEX jobs_due ON jobs (state, due_ms);

CREATE TABLE results (
    id             INTEGER PRIMARY KEY,
    series_uid     TEXT NOT NULL REFERENCES series (series_uid),
    inputs_sha256  TEXT NOT NULL,
    model_sha256   TEXT NOT NULL,
    body           TEXT NOT NULL,        -- StudyResult as JSON
    created_ms     INTEGER NOT NULL,
    UNIQUE (series_uid, inputs_sha256, model_sha256)
) STRICT;

-- The last number given out; its row lock is what keeps the feed ordered and without gaps.
CREATE TABLE fact_feed (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    last_seq  INTEGER NOT NULL
) STRICT;
INSERT INTO fact_feed (id, last_seq) VALUES (1, 0);

CREATE TABLE facts (
    seq          INTEGER PRIMARY KEY,
    recorded_ms  INTEGER NOT NULL,
    body         TEXT NOT NULL           -- NewFact as JSON
) STRICT;

CREATE TABLE tokens (
    id          INTEGER PRIMARY KEY,
    sha256      TEXT NOT NULL UNIQUE,
    label       TEXT NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('admin', 'radiologist', 'pacs', 'validator', 'auditor')),
    created_ms  INTEGER NOT NULL,
    revoked_ms  INTEGER
) STRICT;

CREATE TRIGGER facts_stay BEFORE UPDATE ON facts BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
CREATE TRIGGER facts_remain BEFORE DELETE ON facts BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
CREATE TRIGGER results_stay BEFORE UPDATE ON results BEGIN SELECT RAISE(ABORT, 'results are append-only'); END;
CREATE TRIGGER results_remain BEFORE DELETE ON results BEGIN SELECT RAISE(ABORT, 'results are append-only'); END;
CREATE TRIGGER conflicts_stay BEFORE UPDATE ON conflicts BEGIN SELECT RAISE(ABORT, 'conflicts are append-only'); END;
CREATE TRIGGER conflicts_remain BEFORE DELETE ON conflicts BEGIN SELECT RAISE(ABORT, 'conflicts are append-only'); END;
