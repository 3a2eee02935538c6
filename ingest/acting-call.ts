import type { ActionType, AuditEvent } from './event.ts';

/** Types that do not say whether something was read or changed. */
export const UNSAID: ReadonlySet<ActionType> = new Set(['tool_call', 'memory']);

/**
 * Whether a call acts, where its type does not say so (docs/adr/0028). Who acts is told what to do, and says "done"; who reads is asked little, and
 * answers much. By the texts where both are known, otherwise by their sizes; one of them alone says nothing.
 *
 * Judged call by call, so that a tool never seen is judged too. Wrong for reads that find nothing, which are then acts that requests are known to lead
 * to; for acts that return the whole of what they changed; and for a call that failed, which changed nothing and is none.
 */
export function isToldMoreThanItAnswers({
  content,
  data,
  outcome,
}: Pick<AuditEvent, 'content' | 'data' | 'outcome'>): boolean {
  if (outcome === 'failure' || outcome === 'denied') return false;
  const { arguments: told, result: answer } = content ?? {};
  if (told !== undefined && answer !== undefined) return answer.length < told.length;
  const { bytes_sent: sent, bytes_received: received } = data ?? {};
  return sent !== undefined && received !== undefined && received < sent;
}
