/** A backtest as one JSON object. Text of alerts is as the API gives it: quoted where it came from events. */

import { DAY_MS } from '../../baselines/periods.ts';
import { severityName } from '../../baselines/severity.ts';
import type { Difference, Differences } from './findings.ts';
import type { SettingChange } from './judging-settings.ts';
import type { BacktestResult } from './run.ts';

export function summaryOf(result: BacktestResult, settings: readonly SettingChange[], place: string) {
  const { findings, survey, window, agents, agentDays, eventsLearnedOnly } = result;
  const { totals, appeared, disappeared, severityChanged, moved, detectors, stored } = findings;
  const perDay = (alerts: number) => (agentDays > 0 ? rounded(alerts / agentDays) : null);
  return {
    place,
    history: {
      from: timeText(survey.oldestMs),
      to: timeText(survey.newestMs),
      events: survey.events,
      agents,
      compared_from: timeText(window.fromMs),
      compared_until: timeText(window.untilMs),
      agent_days: rounded(agentDays),
      warmup_days: rounded(Math.max(0, window.fromMs - survey.oldestMs) / DAY_MS),
      warmup_events: eventsLearnedOnly,
    },
    settings: [...settings],
    alerts: { now: totals.now, tried: totals.tried },
    alerts_per_agent_day: { now: perDay(totals.now), tried: perDay(totals.tried) },
    disappeared: differencesOf(disappeared),
    appeared: differencesOf(appeared),
    severity_changed: differencesOf(severityChanged),
    moved: differencesOf(moved),
    detectors: [...detectors].map(([detector, { severityChanged: severity_changed, ...counts }]) => ({
      detector,
      ...counts,
      severity_changed,
    })),
    stored: {
      alerts: stored.alerts,
      missing: stored.missing,
      missing_confirmed: stored.missingConfirmed,
      additional: stored.additional,
      severity_changed: stored.severityChanged,
      moved: stored.moved,
    },
  };
}

export type BacktestSummary = ReturnType<typeof summaryOf>;

const differencesOf = ({ count, confirmed, dismissed, listed }: Differences) => ({
  count,
  confirmed,
  dismissed,
  alerts: listed.map(alertOf),
});

const alertOf = ({ alert, severityBefore, storedId, word }: Difference) => ({
  id: alert.id,
  ...(storedId === undefined ? {} : { stored_id: storedId }),
  ...(word === undefined ? {} : { disposition: word }),
  tenant: alert.tenant,
  agent: alert.agent,
  detector: alert.detector,
  subject: alert.subject,
  ...(severityBefore === undefined ? {} : { severity_before: severityName(severityBefore) }),
  severity: severityName(alert.severity),
  opened: timeText(alert.openedMs),
  why: alert.why,
});

export type ListedAlert = ReturnType<typeof alertOf>;

const timeText = (ms: number): string => new Date(ms).toISOString();
const rounded = (value: number): number => Number(value.toFixed(4));
