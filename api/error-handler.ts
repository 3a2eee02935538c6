/** Turns whatever was thrown into one problem. Unknown errors become `internal` and never show their message. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { BodyError } from '../ingest/http-body.ts';
import { LogUnavailable } from '../ingest/log.ts';
import { quote } from '../ingest/untrusted-text.ts';
import { StoreUnavailable } from '../store/store.ts';
import { Problem, type ProblemCode } from './problems.ts';

const RETRY_AFTER_SECONDS = 2;

/** What the framework refuses before a handler runs, by its code. */
const FRAMEWORK_PROBLEMS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload_too_large', 'The body is larger than this route takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'The content type is not one this route takes.'],
  FST_ERR_CTP_EMPTY_TYPE: ['unsupported_media_type', 'The content type is missing.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_body', 'The body is empty.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_body', 'The body is not valid JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_body', 'The body is shorter or longer than Content-Length says.'],
  FST_ERR_BAD_URL: ['invalid_request', 'The path is not validly percent-encoded.'],
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'An id in the path is longer than any id.'],
};

interface ValidationFault {
  readonly keyword?: string;
  readonly instancePath: string;
  readonly message?: string;
  readonly params?: unknown;
}

/** Both validators in use name a missing or unknown property, each in its own words. */
interface FaultFacts {
  readonly missingProperty?: string;
  readonly additionalProperty?: string;
  readonly additionalProperties?: readonly string[];
  readonly requiredProperties?: readonly string[];
  readonly allowedValues?: readonly unknown[];
}

/** `/a/b` becomes `a.b`; for a missing or unknown property its own name is appended. */
function faultField({ instancePath, params }: ValidationFault): string {
  const facts = (params ?? {}) as FaultFacts;
  const leaf = facts.missingProperty ?? facts.additionalProperty ?? facts.requiredProperties?.[0];
  return [...instancePath.split('/').slice(1), ...(leaf === undefined ? [] : [leaf])].join('.');
}

const PARTS: Readonly<Record<string, string>> = { querystring: 'parameter', params: 'path segment', body: 'field' };

/** Says which field it is: people see the sentence, not the members of the problem beside it. */
function faultSentence(fault: ValidationFault, field: string, context: string): string {
  const { keyword = '', message = 'is not valid' } = fault;
  const facts = (fault.params ?? {}) as FaultFacts;
  const what = field === '' ? `The ${context}` : `The ${PARTS[context] ?? context} ${quote(field)}`;
  if (keyword === 'required') return `${what} is missing.`;
  // One validator says that no value would do at the place of an unknown field.
  if (keyword === 'additionalProperties' || keyword === 'boolean') return `${what} is unknown.`;
  if (facts.allowedValues !== undefined) return `${what} must be one of ${facts.allowedValues.join(', ')}.`;
  return `${what} ${message}.`;
}

function fromValidation(error: FastifyError): Problem {
  const fault = (error.validation as ValidationFault[] | undefined)?.[0];
  const context = error.validationContext ?? 'request';
  if (fault === undefined) return new Problem('invalid_request', `The ${context} is not valid.`);
  const field = faultField(fault);
  return new Problem('invalid_request', faultSentence(fault, field, context), { field });
}

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const cause = { cause: error };
  const retryAfterSeconds = RETRY_AFTER_SECONDS;
  if (error instanceof LogUnavailable) {
    return new Problem('log_unavailable', 'The log cannot take records at the moment.', { retryAfterSeconds }, cause);
  }
  if (error instanceof StoreUnavailable) {
    return new Problem('store_unavailable', 'The store did not answer.', { retryAfterSeconds }, cause);
  }
  if (error instanceof BodyError) {
    return new Problem(
      error.code === 'body_too_large' ? 'payload_too_large' : 'invalid_body',
      error.message,
      {},
      cause,
    );
  }
  const failure = error as Partial<FastifyError>;
  if (failure.validation) return fromValidation(error as FastifyError);
  const known = FRAMEWORK_PROBLEMS[failure.code ?? ''];
  if (known) return new Problem(known[0], known[1], {}, cause);
  const status = failure.statusCode ?? 500;
  if (status >= 400 && status < 500) return new Problem('invalid_request', 'The request is not valid.', {}, cause);
  return new Problem('internal', 'Something went wrong that the caller cannot change.', {}, cause);
}

export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { retryAfterSeconds, allowed } = problem.facts;
  if (allowed !== undefined) reply.header('allow', allowed.join(', '));
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  if (problem.code === 'unauthorized') reply.header('www-authenticate', 'Bearer');
  return reply.code(problem.status).type('application/problem+json').send(problem.toBody(request.id));
}

export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error);
  // Overload is answered, counted and no fault: a line for each would make it worse.
  if (problem.status >= 500 && problem.code !== 'busy' && problem.code !== 'timed_out')
    request.log.error({ err: problem.cause ?? problem, code: problem.code }, 'request failed');
  return sendProblem(problem, request, reply);
}

export function handleNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(new Problem('not_found', 'There is no such route.'), request, reply);
}
