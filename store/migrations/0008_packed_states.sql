-- States of format 3 are packed bytes in base64, which SQL cannot look into. What is asked of them by query stands beside them, as JSON.
--
-- States are read one by one, from anywhere: fine granules, or each would cost ten megabytes to read. Granules cannot be changed, so the table
-- is made anew. Rows that a worker writes meanwhile come over with the second copy; until then it would not find them: stop workers for this.
CREATE TABLE agent_state_fine
(
    tenant LowCardinality(String),
    partition UInt32,
    agent String,
    kind LowCardinality(String),
    position UInt64,
    clock DateTime64(3, 'UTC'),
    sessions UInt64,
    format UInt16,
    state String CODEC(ZSTD(1)),
    summary String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, partition, agent, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 128, index_granularity_bytes = 1048576,
    min_compress_block_size = 16384, max_compress_block_size = 65536;

INSERT INTO agent_state_fine (tenant, partition, agent, kind, position, clock, sessions, format, state)
SELECT tenant, partition, agent, kind, position, clock, sessions, format, state FROM agent_state;

RENAME TABLE agent_state TO agent_state_coarse, agent_state_fine TO agent_state;

INSERT INTO agent_state (tenant, partition, agent, kind, position, clock, sessions, format, state)
SELECT tenant, partition, agent, kind, position, clock, sessions, format, state FROM agent_state_coarse;

DROP TABLE agent_state_coarse;

-- Which ids of events and which agents may have been there, as Bloom filters as of a position: a start reads only what came after it.
CREATE TABLE partition_filters
(
    partition UInt32,
    name LowCardinality(String),
    position UInt64,
    chunk UInt32,
    bits String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(position)
ORDER BY (partition, name, chunk)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

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
    GROUP BY tenant, agent
);
