-- Hits are append-only; everything an alert shows is computed from distinct hits and changes.
CREATE TABLE alert_hits
(
    tenant LowCardinality(String),
    alert_id String,
    event_id String,
    partition UInt32,
    position UInt64,
    time DateTime64(3, 'UTC'),
    received DateTime64(3, 'UTC'),
    agent String,
    agent_kind LowCardinality(String),
    session String,
    detector LowCardinality(String),
    subject String,
    opened UInt8,
    backfill UInt8,
    severity UInt8,
    p Float64,
    score Float64,
    title String,
    why String,
    reason String CODEC(ZSTD(1)),
    tags Array(LowCardinality(String)),
    INDEX by_agent agent TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, alert_id, event_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE alert_changes
(
    tenant LowCardinality(String),
    alert_id String,
    partition UInt32,
    position UInt64,
    time DateTime64(3, 'UTC'),
    state LowCardinality(String),
    disposition LowCardinality(String),
    by String,
    note String
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, alert_id, partition, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE VIEW alerts AS
SELECT
    h.tenant AS tenant, h.alert_id AS alert_id, h.agent AS agent, h.agent_kind AS agent_kind, h.detector AS detector,
    h.subject AS subject, h.first_seen AS first_seen, h.last_seen AS last_seen, h.hits AS hits, h.severity AS severity,
    h.score AS score, h.p AS p, h.title AS title, h.why AS why, h.tags AS tags, h.backfill AS backfill,
    h.sessions AS sessions,
    if(c.state = '', 'open', c.state) AS state, c.disposition AS disposition, c.by AS changed_by, c.note AS note,
    c.time AS changed
FROM
(
    SELECT
        tenant, alert_id, any(agent) AS agent, any(agent_kind) AS agent_kind, any(detector) AS detector,
        any(subject) AS subject, min(time) AS first_seen, max(time) AS last_seen, uniqExact(event_id) AS hits,
        max(severity) AS severity, max(score) AS score, min(p) AS p,
        argMin(title, position) AS title, argMin(why, position) AS why, argMin(tags, position) AS tags,
        min(backfill) AS backfill, uniqExact(session) AS sessions
    FROM alert_hits FINAL
    GROUP BY tenant, alert_id
) AS h
LEFT JOIN
(
    SELECT
        tenant, alert_id, argMax(state, position) AS state, argMax(disposition, position) AS disposition,
        argMax(by, position) AS by, argMax(note, position) AS note, max(time) AS time
    FROM alert_changes FINAL
    GROUP BY tenant, alert_id
) AS c ON h.tenant = c.tenant AND h.alert_id = c.alert_id;

-- One row per attempt to deliver a playbook's webhook.
CREATE TABLE deliveries
(
    tenant LowCardinality(String),
    alert_id String,
    playbook LowCardinality(String),
    webhook_id String,
    attempt UInt16,
    time DateTime64(3, 'UTC'),
    target String,
    outcome Enum8('delivered' = 1, 'retry' = 2, 'failed' = 3),
    http_status UInt16,
    error String,
    duration_ms UInt32,
    next_attempt DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, alert_id, playbook, attempt);
