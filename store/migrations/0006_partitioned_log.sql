-- The log may have many partitions, and be moved to another number of them: every move is an epoch, and a partition's number holds its
-- epoch in the upper 16 bits. An agent is in one partition of an epoch, so (partition, position) grows along its life.
ALTER TABLE event_log
    MODIFY COLUMN kind Enum8('event' = 1, 'disposition' = 2, 'tick' = 3, 'unreadable' = 4);

ALTER TABLE event_log_probe
    MODIFY COLUMN kind Enum8('event' = 1, 'disposition' = 2, 'tick' = 3, 'unreadable' = 4);

CREATE TABLE IF NOT EXISTS log_epochs
(
    epoch UInt32,
    topic String,
    partitions UInt32,
    cluster String,
    started DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY epoch
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- An id counts once per agent: two agents that use the same id are two events.
CREATE OR REPLACE VIEW events AS
SELECT
    tenant, id, time, received, agent, agent_kind, session, principal, action_type, action_name, endpoint, outcome,
    destinations, resources, rows, bytes_received, bytes_sent, input_tokens, output_tokens, cost_micro_usd,
    status, flags, knowledge, score, detectors, alert_ids, record, content
FROM event_log FINAL
WHERE kind = 'event' AND status NOT IN ('duplicate', 'conflict', 'rejected')
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
    GROUP BY tenant, alert_id
) AS h
LEFT JOIN
(
    SELECT
        tenant, alert_id, argMax(state, (partition, position)) AS state,
        argMax(disposition, (partition, position)) AS disposition,
        argMax(by, (partition, position)) AS by, argMax(note, (partition, position)) AS note, max(time) AS time
    FROM alert_changes FINAL
    GROUP BY tenant, alert_id
) AS c ON h.tenant = c.tenant AND h.alert_id = c.alert_id;
