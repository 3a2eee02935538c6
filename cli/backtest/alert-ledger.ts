/** The alerts of one run over the history, put together from its verdicts as the store's view puts them together from hits. */
import { DAY_MS } from '../../baselines/periods.ts';
import type { Hit, Severity, Verdict } from '../../baselines/verdict.ts';
import type { EventEntry } from '../../ingest/log.ts';

export interface SeenAlert {
  readonly id: string;
  readonly tenant: string;
  readonly agent: string;
  readonly detector: string;
  readonly subject: string;
  /** Event time of the hit that opened it, epoch ms; 0 when that lies before what was read. */
  readonly openedMs: number;
  /** Of its first hit; quoted as verdicts have it. */
  readonly why: string;
  /** The highest of its hits. */
  severity: Severity;
  /** Sessions it was hit in, and days of UTC; at most as many as an alert stores hits. */
  readonly sessions: Set<string>;
  readonly days: Set<string>;
}

/** What two alerts of one subject may have in common; an alert that opened at another event has another id. */
export type Shared = 'sessions' | 'days';

export interface AlertLedger {
  observe(entry: EventEntry, verdict: Verdict): void;
  get(id: string): SeenAlert | undefined;
  /** Alerts of the same agent, detector and subject with a session, or a day, in common. */
  sharing(alert: SeenAlert, what: Shared): readonly SeenAlert[];
  /** In the order in which they were first seen. */
  all(): readonly SeenAlert[];
}

/** @throws TooManyAlerts beyond `alertsMax` */
export function createAlertLedger(alertsMax: number): AlertLedger {
  const alerts = new Map<string, SeenAlert>();
  const found = new Map<string, SeenAlert[]>();

  function open({ tenant, event }: EventEntry, hit: Hit): SeenAlert {
    if (alerts.size >= alertsMax) throw new TooManyAlerts(alertsMax);
    const { alertId, opened, detector, subject, severity, why } = hit;
    const about = { tenant, agent: event.agent.id, detector, subject };
    const openedMs = opened ? event.time : 0;
    const alert = {
      id: alertId,
      ...about,
      openedMs,
      why,
      severity,
      sessions: new Set<string>(),
      days: new Set<string>(),
    };
    alerts.set(alertId, alert);
    return alert;
  }

  function enter(alert: SeenAlert, what: Shared, name: string): void {
    if (alert[what].has(name)) return;
    alert[what].add(name);
    const key = keyOf(alert, what, name);
    const known = found.get(key);
    if (known === undefined) found.set(key, [alert]);
    else known.push(alert);
  }

  return {
    observe(entry, verdict) {
      for (const hit of verdict.hits) {
        if (!hit.stored) continue;
        const alert = alerts.get(hit.alertId) ?? open(entry, hit);
        if (hit.severity > alert.severity) alert.severity = hit.severity;
        enter(alert, 'sessions', verdict.session);
        enter(alert, 'days', String(Math.floor(entry.event.time / DAY_MS)));
      }
    },
    get: (id) => alerts.get(id),
    sharing: (alert, what) => [
      ...new Set([...alert[what]].flatMap((name) => found.get(keyOf(alert, what, name)) ?? [])),
    ],
    all: () => [...alerts.values()],
  };
}

const keyOf = ({ tenant, agent, detector, subject }: SeenAlert, what: Shared, name: string): string =>
  [tenant, agent, detector, subject, what, name].join('\u0000');

export class TooManyAlerts extends Error {
  override readonly name = 'TooManyAlerts';
  readonly code = 'too_many_alerts';

  constructor(alertsMax: number) {
    super(`A run gives more than ${alertsMax} alerts.`);
  }
}
