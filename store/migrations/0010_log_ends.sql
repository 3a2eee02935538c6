-- Where the epoch before has ended: of each of its partitions the first position that is not of the log any more, because it went on to this
-- epoch. Empty: all of it counts, as it does in rows from before this column. A move that was done again with other ends has two rows, of which
-- the larger ends hold: up to there the states that moved in have come.
ALTER TABLE log_epochs
    ADD COLUMN IF NOT EXISTS old_ends Array(UInt64),
    MODIFY ORDER BY (epoch, old_ends);

-- Up to which position of a partition what was written to an old topic has been forwarded to the new one.
CREATE TABLE IF NOT EXISTS log_forwarded
(
    partition UInt32,
    position UInt64,
    time DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (partition, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- One row, for lookups by partition.
CREATE OR REPLACE VIEW log_ends AS
SELECT arrayMap(x -> x.1, pairs) AS partitions, arrayMap(x -> x.2, pairs) AS ends
FROM
(
    SELECT arraySort(groupArray((partition, end))) AS pairs
    FROM
    (
        SELECT toUInt32((epoch - 1) * 65536 + local) AS partition, max(end) AS end
        FROM log_epochs
        ARRAY JOIN old_ends AS end, arrayMap(n -> n - 1, arrayEnumerate(old_ends)) AS local
        WHERE epoch > 0
        GROUP BY partition
    )
);

-- The same event may hit the same alert once more in a later epoch, if a forgotten worker had stored it behind the end of the one before:
-- then the later one counts. Versions of a table cannot be changed, so it is made anew, as 0008 does it: stop workers for this.
CREATE TABLE alert_hits_by_epoch
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
ENGINE = ReplacingMergeTree(partition)
ORDER BY (tenant, alert_id, event_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, merge_selector_base = 20;

INSERT INTO alert_hits_by_epoch SELECT * FROM alert_hits;

RENAME TABLE alert_hits TO alert_hits_by_time, alert_hits_by_epoch TO alert_hits;

INSERT INTO alert_hits SELECT * FROM alert_hits_by_time;

DROP TABLE IF EXISTS alert_hits_by_time;

CREATE OR REPLACE VIEW events AS
SELECT
    tenant, id, time, received, agent, agent_kind, session, principal, action_type, action_name, endpoint, outcome,
    destinations, resources, rows, bytes_received, bytes_sent, input_tokens, output_tokens, cost_micro_usd,
    status, flags, knowledge, known_sessions, known_events, score, detectors, alert_ids, record, content
FROM event_log FINAL
WHERE kind = 'event' AND status NOT IN ('duplicate', 'conflict', 'rejected')
    AND position < transform(partition, (SELECT (partitions, ends) FROM log_ends).1, (SELECT (partitions, ends) FROM log_ends).2, toUInt64(18446744073709551615))
LIMIT 1 BY tenant, agent, id;

CREATE OR REPLACE VIEW alerts AS
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
        argMin(title, (partition, position)) AS title, argMin(why, (partition, position)) AS why,
        argMin(tags, (partition, position)) AS tags,
        min(backfill) AS backfill, uniqExact(session) AS sessions
    FROM alert_hits FINAL
    WHERE position < transform(partition, (SELECT (partitions, ends) FROM log_ends).1, (SELECT (partitions, ends) FROM log_ends).2, toUInt64(18446744073709551615))
    GROUP BY tenant, alert_id
) AS h
LEFT JOIN
(
    SELECT
        tenant, alert_id, argMax(state, (partition, position)) AS state,
        argMax(disposition, (partition, position)) AS disposition,
        argMax(by, (partition, position)) AS by, argMax(note, (partition, position)) AS note, max(time) AS time
    FROM alert_changes FINAL
    WHERE position < transform(partition, (SELECT (partitions, ends) FROM log_ends).1, (SELECT (partitions, ends) FROM log_ends).2, toUInt64(18446744073709551615))
    GROUP BY tenant, alert_id
) AS c ON h.tenant = c.tenant AND h.alert_id = c.alert_id;

CREATE OR REPLACE VIEW agent_baselines AS
SELECT
    tenant, agent, kind, partition, position, clock, sessions,
    if(format < 3, JSONExtractInt(state, 'baseline', 'position'), JSONExtractInt(summary, 'baseline')) AS baseline,
    if(format < 3, JSONExtractUInt(state, 'baseline', 'eventsEver'), JSONExtractUInt(summary, 'events')) AS events,
    fromUnixTimestamp64Milli(if(format < 3, JSONExtractInt(state, 'baseline', 'firstMs'), JSONExtractInt(summary, 'first')), 'UTC') AS first_event,
    fromUnixTimestamp64Milli(if(format < 3, JSONExtractInt(state, 'baseline', 'lastMs'), JSONExtractInt(summary, 'last')), 'UTC') AS last_event,
    if(format < 3, JSONExtract(state, 'baseline', 'releases', 'Array(String)'), JSONExtract(summary, 'releases', 'Array(String)')) AS releases,
    if(format < 3, JSONExtract(state, 'baseline', 'models', 'Array(String)'), JSONExtract(summary, 'models', 'Array(String)')) AS models,
    if(format < 3, length(JSONExtractArrayRaw(state, 'held')), JSONExtractUInt(summary, 'held')) AS held_sessions,
    if(format < 3, arrayMap(x -> x.1, arraySlice(arrayReverseSort(x -> x.2, JSONExtract(state, 'baseline', 'familiar', 'endpoints', 'things', 'table', '$heap', 'heap', 'Array(Tuple(String, Float64))')), 1, 10)), JSONExtract(summary, 'endpoints', 'Array(String)')) AS top_endpoints,
    if(format < 3, arrayMap(x -> x.1, arraySlice(arrayReverseSort(x -> x.2, JSONExtract(state, 'baseline', 'familiar', 'tools', 'things', 'table', '$heap', 'heap', 'Array(Tuple(String, Float64))')), 1, 10)), JSONExtract(summary, 'tools', 'Array(String)')) AS top_tools,
    if(format < 3, arrayMap(x -> x.1, arraySlice(arrayReverseSort(x -> x.2, JSONExtract(state, 'baseline', 'familiar', 'destinations', 'things', 'table', '$heap', 'heap', 'Array(Tuple(String, Float64))')), 1, 10)), JSONExtract(summary, 'destinations', 'Array(String)')) AS top_destinations,
    if(format < 3, arrayMap(x -> x.1, arraySlice(arrayReverseSort(x -> x.2, JSONExtract(state, 'baseline', 'familiar', 'resources', 'things', 'table', '$heap', 'heap', 'Array(Tuple(String, Float64))')), 1, 10)), JSONExtract(summary, 'resources', 'Array(String)')) AS top_resources
FROM agent_state FINAL
WHERE (tenant, agent, partition, position) IN
(
    SELECT tenant, agent, max((partition, position)).1, max((partition, position)).2
    FROM agent_state
    WHERE position < transform(partition, (SELECT (partitions, ends) FROM log_ends).1, (SELECT (partitions, ends) FROM log_ends).2, toUInt64(18446744073709551615))
    GROUP BY tenant, agent
);
