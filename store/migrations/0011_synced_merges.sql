-- A part that a merge or a mutation has written is synced too, before the parts it replaces are deleted: the embedded engine deletes them within
-- seconds, when the new one may be nowhere but in the page cache. Deleted by one thread: by default a hundred parts are deleted by as many threads
-- at once, and inserts that somebody waits for stand still meanwhile.
ALTER TABLE event_log MODIFY SETTING min_rows_to_fsync_after_merge = 1, concurrent_part_removal_threshold = 1000000;

ALTER TABLE alert_hits MODIFY SETTING min_rows_to_fsync_after_merge = 1, concurrent_part_removal_threshold = 1000000;

ALTER TABLE alert_changes MODIFY SETTING min_rows_to_fsync_after_merge = 1, concurrent_part_removal_threshold = 1000000;

ALTER TABLE agent_state MODIFY SETTING min_rows_to_fsync_after_merge = 1, concurrent_part_removal_threshold = 1000000;

ALTER TABLE checkpoints MODIFY SETTING min_rows_to_fsync_after_merge = 1, concurrent_part_removal_threshold = 1000000;

ALTER TABLE deliveries MODIFY SETTING min_rows_to_fsync_after_merge = 1, concurrent_part_removal_threshold = 1000000;

ALTER TABLE dead_letters MODIFY SETTING min_rows_to_fsync_after_merge = 1, concurrent_part_removal_threshold = 1000000;

ALTER TABLE partition_filters MODIFY SETTING min_rows_to_fsync_after_merge = 1, concurrent_part_removal_threshold = 1000000;

ALTER TABLE log_contents MODIFY SETTING min_rows_to_fsync_after_merge = 1, concurrent_part_removal_threshold = 1000000;

ALTER TABLE log_epochs MODIFY SETTING min_rows_to_fsync_after_merge = 1, concurrent_part_removal_threshold = 1000000;

ALTER TABLE log_forwarded MODIFY SETTING min_rows_to_fsync_after_merge = 1, concurrent_part_removal_threshold = 1000000;

ALTER TABLE api_keys MODIFY SETTING min_rows_to_fsync_after_merge = 1, concurrent_part_removal_threshold = 1000000;

ALTER TABLE schema_migrations MODIFY SETTING min_rows_to_fsync_after_merge = 1, concurrent_part_removal_threshold = 1000000;
