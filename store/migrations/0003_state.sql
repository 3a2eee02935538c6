-- Agent state as of a position that is durable in the log: the newest row of an agent is always right. A checkpoint row says from
-- where on the log has to be read again, and is written after all states it covers.
CREATE TABLE agent_state
(
    tenant LowCardinality(String),
    partition UInt32,
    agent String,
    position UInt64,
    format UInt16,
    state String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, partition, agent, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE checkpoints
(
    partition UInt32,
    position UInt64,
    time DateTime64(3, 'UTC'),
    build String,
    format UInt16,
    agents UInt64,
    last_tick DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (partition, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
