-- Every batch is a part, some tens a second. By default the engine joins five parts at a time, the smallest again and again, which takes it about
-- as long as the inserts themselves; somebody waits for those. When inserts pause it joins what is left as before.
ALTER TABLE event_log MODIFY SETTING merge_selector_base = 20;

ALTER TABLE alert_hits MODIFY SETTING merge_selector_base = 20;
