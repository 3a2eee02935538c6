-- What the log names by hash because it is too large for a record: models of kinds, baselines to go back to. Written before the record.
CREATE TABLE log_contents
(
    tenant LowCardinality(String),
    hash String,
    created DateTime64(3, 'UTC'),
    content String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, hash)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE event_log
    MODIFY COLUMN kind Enum8('event' = 1, 'disposition' = 2, 'tick' = 3, 'unreadable' = 4, 'model' = 5, 'reset' = 6, 'rollback' = 7);

ALTER TABLE event_log_probe
    MODIFY COLUMN kind Enum8('event' = 1, 'disposition' = 2, 'tick' = 3, 'unreadable' = 4, 'model' = 5, 'reset' = 6, 'rollback' = 7);

-- What stands behind a score: sessions and events the baseline had learned.
ALTER TABLE event_log
    ADD COLUMN known_sessions UInt64 AFTER knowledge,
    ADD COLUMN known_events UInt64 AFTER known_sessions;

ALTER TABLE event_log_probe
    ADD COLUMN known_sessions UInt64 AFTER knowledge,
    ADD COLUMN known_events UInt64 AFTER known_sessions;

CREATE OR REPLACE VIEW events AS
SELECT
    tenant, id, time, received, agent, agent_kind, session, principal, action_type, action_name, endpoint, outcome,
    destinations, resources, rows, bytes_received, bytes_sent, input_tokens, output_tokens, cost_micro_usd,
    status, flags, knowledge, known_sessions, known_events, score, detectors, alert_ids, record, content
FROM event_log FINAL
WHERE kind = 'event' AND status NOT IN ('duplicate', 'conflict', 'rejected')
LIMIT 1 BY tenant, agent, id;

-- What a state is told by without reading it: its kind, the day it is of, how much it has learned. One state a day is kept for a month.
ALTER TABLE agent_state
    ADD COLUMN kind LowCardinality(String) AFTER agent,
    ADD COLUMN clock DateTime64(3, 'UTC') AFTER position,
    ADD COLUMN sessions UInt64 AFTER clock;

-- What is normal for each agent, readable: its newest stored state, up to some minutes old. The counts of `top_...` are forgotten
-- exponentially and mean something only against each other.
CREATE VIEW IF NOT EXISTS agent_baselines AS
SELECT
    tenant, agent, kind, partition, position, clock, sessions,
    JSONExtractInt(state, 'baseline', 'position') AS baseline,
    JSONExtractUInt(state, 'baseline', 'eventsEver') AS events,
    fromUnixTimestamp64Milli(JSONExtractInt(state, 'baseline', 'firstMs'), 'UTC') AS first_event,
    fromUnixTimestamp64Milli(JSONExtractInt(state, 'baseline', 'lastMs'), 'UTC') AS last_event,
    JSONExtract(state, 'baseline', 'releases', 'Array(String)') AS releases,
    JSONExtract(state, 'baseline', 'models', 'Array(String)') AS models,
    length(JSONExtractArrayRaw(state, 'held')) AS held_sessions,
    arrayMap(x -> x.1, arraySlice(arrayReverseSort(x -> x.2, JSONExtract(state, 'baseline', 'familiar', 'endpoints', 'things', 'table', '$heap', 'heap', 'Array(Tuple(String, Float64))')), 1, 10)) AS top_endpoints,
    arrayMap(x -> x.1, arraySlice(arrayReverseSort(x -> x.2, JSONExtract(state, 'baseline', 'familiar', 'tools', 'things', 'table', '$heap', 'heap', 'Array(Tuple(String, Float64))')), 1, 10)) AS top_tools,
    arrayMap(x -> x.1, arraySlice(arrayReverseSort(x -> x.2, JSONExtract(state, 'baseline', 'familiar', 'destinations', 'things', 'table', '$heap', 'heap', 'Array(Tuple(String, Float64))')), 1, 10)) AS top_destinations,
    arrayMap(x -> x.1, arraySlice(arrayReverseSort(x -> x.2, JSONExtract(state, 'baseline', 'familiar', 'resources', 'things', 'table', '$heap', 'heap', 'Array(Tuple(String, Float64))')), 1, 10)) AS top_resources
FROM agent_state FINAL
WHERE (tenant, agent, partition, position) IN
(
    SELECT tenant, agent, max((partition, position)).1, max((partition, position)).2
    FROM agent_state
    GROUP BY tenant, agent
);
