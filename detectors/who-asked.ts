import type { Mention } from '../baselines/result-log.ts';
import type { AuditEvent } from '../ingest/event.ts';
import { quote } from '../ingest/untrusted-text.ts';
import type { ActEvidence } from './act-evidence.ts';

/** Explained at least this well, an act counts as asked for, and its words are not listed. */
const EXPLAINED = 0.5;
/** The part of a tool's name that a result must speak of around a value before it is said to ask for the act. */
const ASKED = 0.5;

/** Sentences on who asked for the act, each with a blank before it; empty where nothing is to be said. */
export function askingWords(event: AuditEvent, act: ActEvidence | undefined): string {
  if (act === undefined) return '';
  return requestWords(event, act.explained) + resultWords(act);
}

function requestWords(event: AuditEvent, { words, requests, known, missing }: ActEvidence['explained']): string {
  if (Math.max(words, requests) >= EXPLAINED) return '';
  const spoken = missing.length === 0 ? '' : ` The request says nothing of ${missing.map(quote).join(', ')}`;
  const tool = quote(event.action.name);
  const led =
    known === 0
      ? ''
      : `${spoken === '' ? ' Of' : '; of'} ${known} known requests those like it led to ${tool} in ${Math.round(100 * requests)} % of their sessions`;
  return spoken + led === '' ? '' : `${spoken}${led}.`;
}

/** The result that asks for the act, if one speaks of it enough to say so. */
export const askingResult = ({ asking }: ActEvidence): Mention | undefined =>
  asking !== undefined && asking.share >= ASKED ? asking : undefined;

function resultWords(act: ActEvidence): string {
  const asking = askingResult(act);
  if (asking === undefined) return '';
  return ` The result of ${quote(asking.source.action)} (event ${quote(asking.source.event)}) speaks of the act around it.`;
}
