-- States of format 3 are packed bytes in base64, which SQL cannot look into. What is asked of them by query stands beside them, as JSON.
ALTER TABLE agent_state
    ADD COLUMN summary String CODEC(ZSTD(1)) AFTER state;

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
