/**
 * An alert as OCSF has it: Detection Finding 2004 (schema 1.8.0). What stands here may be used by a machine without care: fixed
 * words, numbers, and ids that pass `isPlainIdentifier`. Other ids are shown as a hash; their text is in the `untrusted` block.
 */
import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { Knowledge, Severity } from '../baselines/verdict.ts';
import { isPlainIdentifier, sanitise } from '../ingest/untrusted-text.ts';
import { attacksOf, otherTags } from './attack-tags.ts';
import type { AlertNotice } from './notice.ts';

const OCSF_VERSION = '1.8.0';
const TITLE_CHARS_MAX = 160;
const WORDS_CHARS_MAX = 128;

const SEVERITY_NAMES = {
  1: 'Informational',
  2: 'Low',
  3: 'Medium',
  4: 'High',
  5: 'Critical',
} as const satisfies Record<Severity, string>;

/** Lower ends of the risk bands, and the end of the last one: where common SIEMs put a severity by default. */
const RISK_BANDS = { 1: [0, 20], 2: [21, 46], 3: [47, 72], 4: [73, 98], 5: [99, 100] } as const satisfies Record<
  Severity,
  readonly [number, number]
>;

/** OCSF confidence_id: 1 low, 2 medium, 3 high. */
const CONFIDENCE = { cold: 1, warming: 2, stale: 2, ready: 3 } as const satisfies Record<Knowledge, 1 | 2 | 3>;

/** Detectors that compare a number with its distribution; the others judge what was done. */
const STATISTICAL_DETECTORS = new Set(['volume-spike', 'mass-read', 'isolation-forest', 'silence']);

/** Integer 0..100: the severity's band (0-20, 21-46, 47-72, 73-98, 99-100), and the score's place in it. */
export function riskScore(severity: Severity, score: number): number {
  const [low, high] = RISK_BANDS[severity];
  return low + Math.round((high - low) * Math.min(1, Math.max(0, score)));
}

/** The id itself, or `sha256:` and 32 hex digits of its hash when it could hold a message to its reader. */
export function identifier(text: string): string {
  if (isPlainIdentifier(text)) return text;
  return `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

/** `chainMax`: links of the chain to show, from its start. At most about 4 kB beside the chain. */
export function detectionFinding(notice: AlertNotice, chainMax: number) {
  return {
    activity_id: 1,
    activity_name: 'Create',
    category_uid: 2,
    class_uid: 2004,
    type_uid: 200401,
    time: notice.receivedMs,
    start_time: notice.time,
    end_time: notice.time,
    severity_id: notice.severity,
    severity: SEVERITY_NAMES[notice.severity],
    status_id: 1,
    status: 'New',
    is_alert: true,
    confidence_id: notice.reason.level === 'ceiling' ? 3 : CONFIDENCE[notice.reason.knowledge],
    risk_score: riskScore(notice.severity, notice.score),
    risk_level_id: notice.severity - 1,
    message: title(notice),
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Picket', vendor_name: 'Picket' },
      uid: identifier(notice.alertId),
      tenant_uid: identifier(notice.tenant),
    },
    finding_info: findingInfo(notice, chainMax),
    evidences: [evidence(notice)],
    resources: [{ uid: identifier(notice.agent), type: 'AI Agent', role_id: 2, role: 'Actor' }],
    observables: observables(notice),
    anomaly_analyses: [anomalyAnalysis(notice)],
  };
}

const title = (notice: AlertNotice) => ownWords(notice.title, TITLE_CHARS_MAX);
const measure = (notice: AlertNotice) => ownWords(notice.reason.measure, WORDS_CHARS_MAX);

/** Words of a detector without what it quotes from events: quotations cannot be closed from inside, so this finds all of them. */
const ownWords = (text: string, max: number) => sanitise(text.replace(/"[^"]*(?:"|$)/g, '"…"'), max);

function findingInfo(notice: AlertNotice, chainMax: number) {
  const { chain } = notice.reason;
  return {
    uid: identifier(notice.alertId),
    title: title(notice),
    desc: `${measure(notice)}: observed ${figure(notice, 'observed')}, expected ${figure(notice, 'expected')}, bound ${figure(notice, 'bound')}.`,
    analytic: {
      uid: identifier(notice.detector),
      name: identifier(notice.detector),
      type_id: STATISTICAL_DETECTORS.has(notice.detector) ? 3 : 2,
      type: STATISTICAL_DETECTORS.has(notice.detector) ? 'Statistical' : 'Behavioral',
    },
    attacks: attacksOf(notice.tags),
    types: otherTags(notice.tags),
    first_seen_time: notice.time,
    last_seen_time: notice.time,
    related_events: chain.slice(0, chainMax).map((link) => ({
      uid: identifier(link.event),
      title: ownWords(link.role, 64),
    })),
    related_events_count: chain.length,
  };
}

/** `data` is always there: OCSF wants it, and an agent alone does not count as evidence. */
function evidence(notice: AlertNotice) {
  const { reason } = notice;
  return {
    actor: { app_uid: identifier(notice.agent) },
    data: {
      event_uid: identifier(notice.eventId),
      session_uid: identifier(notice.session),
      detector: identifier(notice.detector),
      p: notice.p,
      score: notice.score,
      sessions: reason.sessions,
      level: reason.level,
      ...(reason.claimed === undefined ? {} : { claimed: reason.claimed, corrected: reason.corrected }),
      knowledge: reason.knowledge,
      baseline: identifier(reason.baseline),
      backfill: notice.backfill,
    },
  };
}

function anomalyAnalysis(notice: AlertNotice) {
  const parameter = measure(notice);
  const observation = (name: 'observed' | 'expected' | 'bound', pattern: string) => ({
    observation_parameter: parameter,
    observations: [{ value: figure(notice, name) }],
    observed_pattern: pattern,
  });
  return {
    analysis_targets: [{ name: identifier(notice.agent), type: 'AI Agent' }],
    anomalies: [observation('observed', 'observed')],
    baselines: [observation('expected', 'expected'), observation('bound', 'bound')],
  };
}

/** Numbers as they are. Words may repeat text from an event: then the place where they stand. */
function figure(notice: AlertNotice, name: 'observed' | 'expected' | 'bound'): string {
  const value = notice.reason[name];
  return typeof value === 'number' ? String(value) : `see untrusted.${name}`;
}

function observables(notice: AlertNotice) {
  const agent = { name: 'resources[0].uid', type_id: 10, type: 'Resource UID', value: identifier(notice.agent) };
  return [agent, ...placeObservables(notice.subject)];
}

const HOST_NAME = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

/** A subject that is an address or a host name, alone or as `kind:value`, can be looked up and blocked by a playbook. */
function placeObservables(subject: string) {
  const value = subject.replace(/^[a-z]{1,16}:/, '');
  const name = 'untrusted.subject';
  if (ipaddr.isValid(value) && isPlainIdentifier(value)) return [{ name, type_id: 2, type: 'IP Address', value }];
  return HOST_NAME.test(value) ? [{ name, type_id: 1, type: 'Hostname', value: value.toLowerCase() }] : [];
}
