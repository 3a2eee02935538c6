/**
 * One decoded object to one event as it is stored and scored. Happens once, before anything else sees the event.
 */
import { hash } from 'node:crypto';
import { Compile } from 'typebox/compile';
import { placesInArguments } from './argument-places.ts';
import { isEmpty } from './attributes.ts';
import { type Collected, createCollector } from './collect.ts';
import { capContent } from './content-cap.ts';
import { DEAD_LETTER_CODES, type Rejection } from './dead-letter.ts';
import { canonicalDestination, cutText } from './destinations.ts';
import {
  type AuditEvent,
  type Content,
  type Destination,
  EVENT_SCHEMA_PATTERN,
  EventSchema,
  type WireEvent,
} from './event.ts';
import { EVENT_SHAPE, rewriteTexts } from './event-shape.ts';
import { createRedaction, type Redaction } from './redaction.ts';
import { rejectionOf } from './rejections.ts';
import { readTime } from './time.ts';

export type Normalised =
  | {
      readonly ok: true;
      readonly event: AuditEvent;
      /** 32 hex characters. Depends on what the event says, not on the order of its keys or on when it came. */
      readonly digest: string;
    }
  | { readonly ok: false; readonly rejection: Rejection };

export interface NormaliseContext {
  /** Wall clock at receipt, epoch ms. */
  readonly receivedMs: number;
  /** The event's id when it brings none; 1 to 128 characters. */
  readonly fallbackId: string;
}

/** Takes a decoded record (`decodeRecord`) and leaves it as it is. */
export type Normalise = (value: Record<string, unknown>, context: NormaliseContext) => Normalised;

/** `redactionKey`: secret bytes; two markers can be compared only when made under one key. */
export function createNormaliser({ redactionKey }: { readonly redactionKey: Uint8Array }): Normalise {
  const redaction = createRedaction(redactionKey);
  const collect = createCollector();
  const validator = Compile(CLOSED_SCHEMA);

  return function normalise(value, { receivedMs, fallbackId }) {
    if (!isReadable(value['schema'])) return refuse('unknown_schema', 'schema');
    const collected = collect(value, fallbackId);
    const fields = collected.fields;
    if (!validator.Check(fields)) return { ok: false, rejection: firstRejection(validator.Errors(fields)) };
    const time = readTime(fields.time, receivedMs);
    if (!time.ok) return time;
    fields.time = time.timeMs;
    const event = complete(fields, collected, redaction);
    const text = JSON.stringify(event);
    if (!redaction.mayHoldSecret(text)) return accept(event, text);
    redactEvent(event, redaction);
    return accept(event, JSON.stringify(event));
  };
}

/**
 * The event schema without its search for unknown keys: the collector leaves none, and the search is most of the validator's time.
 */
const CLOSED_SCHEMA = JSON.parse(
  JSON.stringify(EventSchema, (key, value: unknown) => (key === 'additionalProperties' ? undefined : value)),
) as typeof EventSchema;

const READABLE = new RegExp(EVENT_SCHEMA_PATTERN);

function isReadable(schema: unknown): boolean {
  return isEmpty(schema) || (typeof schema === 'string' && READABLE.test(schema));
}

/** Brings destinations and content into shape, and adds the marks, which stand behind everything else. */
function complete(told: WireEvent, { attributesDropped, contentCut }: Collected, redaction: Redaction): AuditEvent {
  const { name, phase = 'completed', type } = told.action;
  told.action = { name, phase, type };
  const fields = withPlaces(told, redaction);
  if (fields.destinations !== undefined) {
    // Secrets go first: canonical spelling changes letters, and a changed secret is not recognised. It may also uncover one.
    fields.destinations = fields.destinations.map(({ kind, value }) => {
      const canonical = canonicalDestination({ kind, value: redaction.redact(value) });
      return { kind, value: canonical.value };
    });
  }
  const event = fields as unknown as AuditEvent;
  if (attributesDropped > 0) event.attributes_dropped = attributesDropped;
  if (event.content !== undefined) cutContent(event, event.content, contentCut, redaction);
  return event;
}

/** An event that tells no destinations is given those of its arguments, in canonical order, as if its producer had told them. */
function withPlaces(fields: WireEvent, redaction: Redaction): WireEvent {
  if (fields.destinations !== undefined) return fields;
  const destinations = placesOf(fields as unknown as AuditEvent, redaction);
  if (destinations.length === 0) return fields;
  const placed: Record<string, unknown> = { ...fields, destinations };
  const names = EVENT_SHAPE.names.filter((name) => placed[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, placed[name]])) as unknown as WireEvent;
}

/** A place may be a piece of a secret, which is not recognised any more without what stood around it: then the secret goes first. */
function placesOf(event: AuditEvent, { mayHoldSecret, redact }: Redaction): Destination[] {
  const places = placesInArguments(event);
  const told = event.content?.arguments ?? '';
  if (places.length === 0 || !mayHoldSecret(told)) return places;
  return placesInArguments({ ...event, content: { ...event.content, arguments: redact(told) } });
}

function cutContent(event: AuditEvent, content: Content, before: readonly string[], { redact }: Redaction): void {
  const cut = capContent(content, redact);
  if (cut.length + before.length === 0) return;
  const names = new Set([...before.filter((name) => Object.hasOwn(content, name)), ...cut]);
  if (names.size > 0) event.content_cut = [...names].sort();
}

function redactEvent(event: AuditEvent, redaction: Redaction): void {
  rewriteTexts(event as unknown as Record<string, unknown>, (text, charsMax) => {
    const redacted = redaction.redact(text);
    // A marker may be longer than what it replaces; the field keeps its limit.
    return charsMax === undefined ? redacted : cutText(redacted, charsMax);
  });
  if (event.content !== undefined) cutContent(event, event.content, event.content_cut ?? [], redaction);
}

function accept(event: AuditEvent, text: string): Normalised {
  return { ok: true, event, digest: hash('sha256', text, 'hex').slice(0, 32) };
}

function firstRejection(errors: ReturnType<ReturnType<typeof Compile>['Errors']>): Rejection {
  const [first] = errors;
  if (first === undefined) throw new Error('The validator refused an event without naming an error');
  return rejectionOf(first);
}

function refuse(code: Rejection['code'], field: string): Normalised {
  return { ok: false, rejection: { code, field, message: DEAD_LETTER_CODES[code] } };
}
