-- API keys: only the SHA-256 of a key is kept. A revoked key is a newer version of the row.
CREATE TABLE api_keys
(
    tenant LowCardinality(String),
    key_id String,
    key_sha256 String,
    name String,
    scopes Array(LowCardinality(String)),
    created DateTime64(3, 'UTC'),
    expires DateTime64(3, 'UTC'),
    revoked UInt8,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, key_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
