import { type LogEntry, logLevel } from 'kafkajs';
import { sanitise } from '../untrusted-text.ts';

type Write = (facts: object, message: string) => void;

/** The part of a pino logger that is used. */
export interface KafkaLog {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

const TEXT_CHARS_MAX = 500;

/**
 * Everything else that kafkajs adds is left out: at level debug it logs whole answers, and the level can be raised from outside by an
 * environment variable that it reads by itself.
 */
const FACTS = [
  'broker',
  'clientId',
  'groupId',
  'memberId',
  'topic',
  'partition',
  'offset',
  'error',
  'correlationId',
  'retryCount',
  'retryTime',
] as const;

/**
 * Where kafkajs logs as an error each attempt that failed and will be repeated. What gives up rejects, and whoever called reports it.
 */
const ATTEMPTS: ReadonlySet<string> = new Set(['Connection', 'BrokerPool', 'Cluster', 'Producer', 'RequestQueue']);

/** Passes on what kafkajs logs. Some of its text comes from brokers and from whoever answers in their place. */
export function forwardTo(log: KafkaLog): (entry: LogEntry) => void {
  return function forwardEntry({ namespace, level, log: content }) {
    const facts = FACTS.flatMap((name) => (content[name] === undefined ? [] : [[name, asFact(content[name])]]));
    log[levelName(namespace, level)](
      { kafka: namespace, ...Object.fromEntries(facts) },
      // kafkajs logs some errors as they are.
      sanitise(String(content.message), TEXT_CHARS_MAX),
    );
  };
}

function levelName(namespace: string, level: logLevel): keyof KafkaLog {
  if (level === logLevel.ERROR) return ATTEMPTS.has(namespace) ? 'warn' : 'error';
  // What kafkajs calls info is each join, pause and resume: lines without end from a worker that does what it should.
  return level === logLevel.WARN ? 'warn' : 'debug';
}

const asFact = (value: unknown): unknown =>
  typeof value === 'number' ? value : sanitise(String(value), TEXT_CHARS_MAX);
