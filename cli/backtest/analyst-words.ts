import { DISPOSITIONS, type Disposition } from '../../ingest/log.ts';
import { OF_THE_LOG } from '../../ingest/log-ends.ts';
import type { Store } from '../../store/store.ts';

const CHUNK = 2000;

/** What analysts have closed alerts as, by alert id, as of now. */
export async function analystWords(
  store: Pick<Store, 'query'>,
  alertIds: readonly string[],
): Promise<Map<string, Disposition>> {
  const words = new Map<string, Disposition>();
  for (let i = 0; i < alertIds.length; i += CHUNK) {
    const rows = await store.query<{ id: string; word: string }>(CLOSED, { ids: alertIds.slice(i, i + CHUNK) });
    for (const { id, word } of rows) {
      const known = DISPOSITIONS.find((one) => one === word);
      if (known !== undefined) words.set(id, known);
    }
  }
  return words;
}

const CLOSED = `
  SELECT id, word FROM (
    SELECT alert_id AS id, argMax(state, (partition, position)) AS last, argMax(disposition, (partition, position)) AS word
    FROM alert_changes FINAL WHERE alert_id IN {ids:Array(String)} AND ${OF_THE_LOG} GROUP BY alert_id)
  WHERE last = 'closed'`;
