/**
 * Everything the API can answer that is not success, as RFC 9457 problems. Codes are stable: clients branch on them.
 * `action` says what the caller can do about it.
 */
export const PROBLEMS = {
  invalid_request: {
    status: 400,
    title: 'Invalid request',
    action: 'Correct the field named and send the request again.',
  },
  invalid_body: {
    status: 400,
    title: 'Invalid body',
    action: 'Send one JSON object, a JSON array, or one JSON object per line.',
  },
  bad_cursor: {
    status: 400,
    title: 'Bad cursor',
    action: 'Use next_cursor of the previous page unchanged, or start without a cursor.',
  },
  unauthorized: {
    status: 401,
    title: 'Unauthorized',
    action: 'Send a valid API key as Authorization: Bearer or X-API-Key.',
  },
  forbidden: { status: 403, title: 'Forbidden', action: 'Use a key that carries the scope this route needs.' },
  not_found: { status: 404, title: 'Not found', action: 'Check the path and the id; /openapi.json lists all routes.' },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    action: 'Use one of the methods in Allow; /openapi.json lists all routes.',
  },
  too_much_history: {
    status: 422,
    title: 'Too many events',
    action: 'Name a later time in since: older events count for little anyway.',
  },
  cannot_verify: {
    status: 409,
    title: 'Cannot be verified',
    action: 'Replay recorded verdicts instead (mode=replay), or begin with a later snapshot (from).',
  },
  cannot_replay: {
    status: 409,
    title: 'Cannot be sent again',
    action: 'Read the alert with GET /v1/alerts/{id}, and act on it there.',
  },
  too_many_keys: {
    status: 409,
    title: 'Too many keys',
    action: 'Revoke keys that nobody uses any more; those that have expired or were revoked do not count.',
  },
  last_admin_key: {
    status: 409,
    title: 'Last admin key',
    action:
      'Make another key with scope admin first, or rotate this one: without any, nobody could make or revoke keys.',
  },
  key_ended: {
    status: 409,
    title: 'The key has ended',
    action: 'Make a new key with POST /v1/keys.',
  },
  payload_too_large: { status: 413, title: 'Payload too large', action: 'Send the records in smaller requests.' },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    action: 'Use a content type and content encoding that /openapi.json lists for the route.',
  },
  nothing_accepted: {
    status: 422,
    title: 'No record was accepted',
    action: 'Correct the records named in rejected and send them again.',
  },
  rate_limited: { status: 429, title: 'Too many requests', action: 'Wait for the seconds in Retry-After.' },
  internal: { status: 500, title: 'Internal error', action: 'Report the request_id to whoever runs Picket.' },
  busy: { status: 503, title: 'Busy', action: 'Send the same request again after the seconds in Retry-After.' },
  timed_out: {
    status: 503,
    title: 'Timed out',
    action:
      'Ask for less: a shorter time range or a smaller limit. What was to be written may have been: look, or send events again with the same ids or Idempotency-Key.',
  },
  log_unavailable: {
    status: 503,
    title: 'The log cannot be written',
    action: 'Nothing was stored. Send the same request again after the seconds in Retry-After.',
  },
  store_unavailable: {
    status: 503,
    title: 'The store cannot be reached',
    action: 'Send the same request again after the seconds in Retry-After.',
  },
} as const satisfies Record<string, { status: number; title: string; action: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Facts that go with a problem. */
export interface ProblemFacts {
  /** Parameter, header or dotted body path at fault. */
  readonly field?: string;
  readonly retryAfterSeconds?: number;
  /** Methods of the path. */
  readonly allowed?: readonly string[];
  readonly rejected?: readonly RejectedRecord[];
  readonly rejectedCount?: number;
}

/** A record of a request that was refused; `index` is its place in the request, from 0. */
export interface RejectedRecord {
  readonly index: number;
  readonly code: string;
  readonly field: string;
  readonly message: string;
}

/** Thrown anywhere below a route; the error handler writes it. `message` becomes `detail` and must hold no secret. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly facts: ProblemFacts;

  constructor(code: ProblemCode, detail: string, facts: ProblemFacts = {}, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
    this.facts = facts;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  /** The application/problem+json body. */
  toBody(requestId: string) {
    const { status, title, action } = PROBLEMS[this.code];
    const { field, retryAfterSeconds, rejected, rejectedCount } = this.facts;
    return {
      type: `urn:picket:problem:${this.code}`,
      title,
      status,
      code: this.code,
      detail: this.message,
      action,
      request_id: requestId,
      ...(field !== undefined && { field }),
      ...(retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds }),
      ...(rejected !== undefined && { rejected, rejected_count: rejectedCount ?? rejected.length }),
    };
  }
}

export function invalidField(field: string, detail: string): Problem {
  return new Problem('invalid_request', detail, { field });
}
