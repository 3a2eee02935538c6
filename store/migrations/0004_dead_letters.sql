-- Refused records. `raw` is AES-256-GCM over the first 64 KiB; rows expire.
CREATE TABLE dead_letters
(
    tenant LowCardinality(String),
    id String,
    received DateTime64(3, 'UTC'),
    source LowCardinality(String),
    source_position String,
    code LowCardinality(String),
    field String,
    message String,
    raw String CODEC(NONE),
    raw_bytes UInt64,
    raw_sha256 String,
    expires DateTime
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, received, id)
TTL expires
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
