/** Log options under which no credential reaches a log: neither in headers nor in a URL, where it should never have been. */
import type { FastifyRequest } from 'fastify';
import type { ApiDeps } from './ports.ts';

const SECRET_HEADERS = [
  'req.headers.authorization',
  'req.headers["x-api-key"]',
  'headers.authorization',
  'headers["x-api-key"]',
];
const KEY_IN_TEXT = /pk(?:_|%5f)[0-9a-z]{4,}(?:_|%5f)[0-9a-z]*/gi;
const URL_CHARS_MAX = 1024;

export function maskKeys(text: string): string {
  return text.replace(KEY_IN_TEXT, 'pk_[masked]').slice(0, URL_CHARS_MAX);
}

function describeRequest(request: FastifyRequest) {
  return { method: request.method, url: maskKeys(request.url), remoteAddress: request.ip };
}

export function safeLogger(logger: ApiDeps['logger']): ApiDeps['logger'] {
  if (logger === false) return false;
  return {
    ...logger,
    redact: { paths: SECRET_HEADERS, censor: '[masked]' },
    serializers: { ...logger.serializers, req: describeRequest },
  };
}
