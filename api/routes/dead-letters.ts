/** Refused records, for administrators: the raw bytes may hold anything, secrets included. */
import { Type } from 'typebox';
import { DEAD_LETTER_CODES, type DeadLetterCode } from '../../ingest/dead-letter.ts';
import { listDeadLetters } from '../queries/list-dead-letters.ts';
import {
  group,
  maybe,
  oneOf,
  PAGE_LIMIT_DEFAULT,
  PageQuery,
  PROBLEM_RESPONSES,
  page,
  TimeFilter,
} from '../schemas/common.ts';
import { DeadLetterSchema } from '../schemas/dead-letter.ts';
import { type ApiApp, type RouteDeps, readerFor, timeRange } from './route.ts';

const CODES = Object.keys(DEAD_LETTER_CODES) as [DeadLetterCode, ...DeadLetterCode[]];

const schema = {
  operationId: 'listDeadLetters',
  tags: ['events'],
  summary: 'Refused records, newest first',
  querystring: group({
    code: maybe(oneOf(CODES, 'Why they were refused')),
    since: maybe(TimeFilter),
    raw: maybe(Type.Boolean({ description: 'true: with the bytes as they came, base64' })),
    ...PageQuery,
  }),
  response: { 200: page(DeadLetterSchema), ...PROBLEM_RESPONSES },
};

export function deadLetterRoutes(app: ApiApp, deps: RouteDeps): void {
  app.get('/v1/dead-letters', { config: { scope: 'admin' }, schema }, async (request) => {
    const { code, raw = false, limit = PAGE_LIMIT_DEFAULT, cursor } = request.query;
    const { since } = timeRange(request.query);
    const view = { nowMs: deps.now(), openRaw: raw ? deps.openDeadLetter : undefined };
    return listDeadLetters(readerFor(deps, request), { code, since }, limit, cursor, view);
  });
}
