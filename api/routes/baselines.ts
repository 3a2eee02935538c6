/** Reading the baseline of one agent, and what it did against what was expected. */
import { Type } from 'typebox';
import { MEASURES } from '../../baselines/measures.ts';
import { HOUR_MS } from '../../baselines/periods.ts';
import { callerOf } from '../auth.ts';
import { BAND } from '../expected-hours.ts';
import { Problem } from '../problems.ts';
import { baselineChanges } from '../queries/baseline-changes.ts';
import { hourlySums } from '../queries/hourly-sums.ts';
import { showStored, storedBaselines } from '../queries/stored-baselines.ts';
import { BaselineSchema, MeasureName, SeriesSchema } from '../schemas/baseline.ts';
import { AgentId, group, maybe, PROBLEM_RESPONSES } from '../schemas/common.ts';
import { formatTime } from '../time.ts';
import { type ApiApp, type RouteDeps, readerFor } from './route.ts';

const HOURS_DEFAULT = 168;
const HOURS_MAX = 24 * 35;

const describeSchema = {
  operationId: 'getBaseline',
  tags: ['agents'],
  summary: 'The baseline of an agent: what is normal, how much is known, what is kept out, what to go back to',
  params: group({ id: AgentId }),
  response: { 200: BaselineSchema, ...PROBLEM_RESPONSES },
};

const seriesSchema = {
  operationId: 'getBaselineSeries',
  tags: ['agents'],
  summary: 'Hours of an agent against what its baseline expects now, for plotting',
  params: group({ id: AgentId }),
  querystring: group({
    measure: maybe(MeasureName),
    hours: maybe(
      Type.Integer({
        minimum: 1,
        maximum: HOURS_MAX,
        description: `How many; ${HOURS_DEFAULT} if absent. They end now, or with the agent's newest event when that is longer ago than so many hours`,
      }),
    ),
  }),
  response: { 200: SeriesSchema, ...PROBLEM_RESPONSES },
};

export const noSuchAgent = () => new Problem('not_found', 'There is no such agent.', { field: 'id' });

/** Starts of hours, oldest first. An agent fed from old files is shown as of those files. */
function hoursUntil(nowMs: number, newestMs: number, count: number): number[] {
  const endMs = nowMs - newestMs > count * HOUR_MS ? newestMs : nowMs;
  const lastMs = Math.floor(endMs / HOUR_MS) * HOUR_MS;
  return Array.from({ length: count }, (_, index) => lastMs - (count - 1 - index) * HOUR_MS);
}

export function baselineRoutes(app: ApiApp, deps: RouteDeps): void {
  app.get('/v1/agents/:id/baseline', { config: { scope: 'read' }, schema: describeSchema }, async (request) => {
    const { id } = request.params;
    const reader = readerFor(deps, request);
    const live = await deps.baselines.describe(callerOf(request).tenant, id);
    if (live === undefined) throw noSuchAgent();
    const stored = await storedBaselines(reader, id);
    return { ...live, stored: stored.map(showStored), changes: await baselineChanges(reader, id) };
  });

  app.get('/v1/agents/:id/baseline/series', { config: { scope: 'read' }, schema: seriesSchema }, async (request) => {
    const { id } = request.params;
    const { measure = 'events', hours: count = HOURS_DEFAULT } = request.query;
    const { tenant } = callerOf(request);
    const live = await deps.baselines.describe(tenant, id);
    if (live === undefined) throw noSuchAgent();
    const hours = hoursUntil(deps.now(), Date.parse(live.as_of), count);
    const expectations = await deps.baselines.expect(tenant, id, measure, hours);
    if (expectations === undefined) throw noSuchAgent();
    const [firstMs = 0] = hours;
    const sums = await hourlySums(readerFor(deps, request), id, measure, firstMs, firstMs + count * HOUR_MS);
    return {
      agent: id,
      measure,
      unit: MEASURES[measure],
      knowledge: expectations.knowledge,
      zone_offset_minutes: Math.round(expectations.zoneOffsetMs / 60_000),
      band: BAND,
      seasonal: measure === 'events',
      points: expectations.hours.map((expected, index) => {
        const hourMs = hours[index] ?? 0;
        return { time: formatTime(hourMs), observed: sums.get(hourMs) ?? 0, ...expected };
      }),
    };
  });
}
