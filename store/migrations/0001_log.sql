-- The log with the verdicts taken. Keyed by position; a row written twice by a retried insert collapses (FINAL).
-- fsync_after_insert: an acknowledged event has reached the disk.
CREATE TABLE event_log
(
    tenant LowCardinality(String),
    partition UInt32,
    position UInt64,
    kind Enum8('event' = 1, 'disposition' = 2, 'tick' = 3),
    received DateTime64(3, 'UTC'),
    time DateTime64(3, 'UTC'),
    agent String,
    agent_kind LowCardinality(String),
    session String,
    id String,
    digest String,
    status Enum8('learn' = 1, 'hold' = 2, 'late' = 3, 'duplicate' = 4, 'conflict' = 5, 'rejected' = 6, 'control' = 7),
    flags Array(LowCardinality(String)),
    knowledge LowCardinality(String),
    score Float64,
    detectors Map(LowCardinality(String), Float64),
    surprise Map(LowCardinality(String), Float64),
    alert_ids Array(String),
    hits String CODEC(ZSTD(1)),
    action_type LowCardinality(String),
    action_name LowCardinality(String),
    endpoint String,
    principal String,
    outcome LowCardinality(String),
    destinations Array(String),
    resources Array(String),
    rows UInt64,
    bytes_received UInt64,
    bytes_sent UInt64,
    input_tokens UInt64,
    output_tokens UInt64,
    cost_micro_usd UInt64,
    record String CODEC(ZSTD(1)),
    content String CODEC(ZSTD(1)),
    INDEX by_id id TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_agent agent TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_time time TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(received)
ORDER BY (tenant, partition, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What users query: each event once, without the log's own columns.
CREATE VIEW events AS
SELECT
    tenant, id, time, received, agent, agent_kind, session, principal, action_type, action_name, endpoint, outcome,
    destinations, resources, rows, bytes_received, bytes_sent, input_tokens, output_tokens, cost_micro_usd,
    status, flags, knowledge, score, detectors, alert_ids, record, content
FROM event_log FINAL
WHERE kind = 'event' AND status NOT IN ('duplicate', 'conflict', 'rejected')
LIMIT 1 BY tenant, id;

-- Takes rows and keeps none: shows which row of a refused batch the engine does not accept, without storing the others.
CREATE TABLE event_log_probe AS event_log ENGINE = Null;
