/** The evaluation as one page: no script, nothing loaded from elsewhere, and a policy in it that forbids both. */
import { sanitise } from '../../../ingest/untrusted-text.ts';
import { BREAKDOWNS } from '../breakdown.ts';
import type { Evaluation } from '../evaluation.ts';
import { BREAKDOWN_WORDS, daily, decimal, ofAll, percent, range } from '../figures.ts';
import type { Share } from '../share.ts';
import { html, type Markup } from './markup.ts';
import { rocLogPlot, rocPlot } from './roc-plot.ts';
import { scorePlot } from './score-plot.ts';
import { breakdownTable, shareCells } from './share-table.ts';
import { storyTables } from './story-tables.ts';
import { STYLE } from './style.ts';
import { detectorTable, falseAlertTable, missedTable, operatingTable, timingTable, titleTable } from './told.ts';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** `sources`: names of the files it was made from. */
export function evaluationPage(evaluation: Evaluation, sources: readonly string[]): string {
  const parts = [heading(evaluation, sources), tiles(evaluation), plots(evaluation), alertShares(evaluation)];
  const more = [breakdowns(evaluation), storyTables(evaluation.stories), promptness(evaluation), told(evaluation)];
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><title>Picket: evaluation</title><style>${{ markup: STYLE }}</style></head>
<body>
${parts}
${more}
</body></html>
`.markup;
}

function heading(evaluation: Evaluation, sources: readonly string[]): Markup {
  const { until, online, positives, benign, failed_attacks, direct_requests, succeeded_without_a_call, agents, days } =
    evaluation;
  const late = evaluation.history_too_late;
  return html`<h1>What Picket finds, and what it costs</h1>
<p class="quiet">${sources.map((one) => sanitise(one, 200)).join(', ')}. ${online ? `Sessions from ${until} on are judged in order of time, and learned from` : `Each session is scored alone, against what was learned before ${until}`}: ${positives} attacks,
${benign} benign sessions, ${failed_attacks} failed attacks, ${direct_requests} direct requests, ${succeeded_without_a_call} attacks without a tool call;
${agents} agents, ${days} days.${late > 0 ? ` ${late} sessions labelled history begin later: neither learned nor counted.` : ''}</p>
`;
}

function tiles(evaluation: Evaluation): Markup {
  const {
    alert_recall,
    alert_benign_fpr,
    alert_benign_fpr_fresh_tasks,
    false_alert_sessions_per_agent_day: daily,
  } = evaluation;
  return html`<div class="tiles">
${tile(decimal(evaluation.auc, 4), 'AUC of session scores')}
${tile(percent(evaluation.tpr_at_1pct_fpr), 'of attacks above 99 % of benign sessions')}
${tile(percent(evaluation.tpr_at_5pct_fpr), 'of attacks above 95 % of benign sessions')}
${tile(percent(alert_recall.rate), `of attacks alert (${range(alert_recall)})`)}
${tile(percent(alert_benign_fpr.rate), `of benign sessions alert (${range(alert_benign_fpr)})`)}
${tile(percent(alert_benign_fpr_fresh_tasks.rate), `of benign sessions on new tasks alert (${range(alert_benign_fpr_fresh_tasks)})`)}
${daily === null ? '' : tile(daily.rate.toFixed(3), `benign sessions alert per agent-day (${daily.low.toFixed(3)} to ${daily.high.toFixed(3)})`)}
</div>`;
}

const tile = (figure: string, words: string): Markup =>
  html`<div class="tile"><b>${figure}</b><span>${words}</span></div>`;

function plots(evaluation: Evaluation): Markup {
  const { roc, alert_benign_fpr: benign, alert_recall: recall, scores } = evaluation;
  if (roc.length === 0) return html`<p>Without both attacks and benign sessions there is no curve.</p>`;
  const plot = { roc, benign, recall };
  return html`<h2>Session scores</h2>
<p>A session's score is the highest of its events'. The point is where the alerts stand, with 95 % intervals; the alerts do not follow one
score, so it may lie off the curve.</p>
<p class="legend"><span class="key attack"></span>attacks<span class="key benign"></span>benign sessions<span class="key alert"></span>alerts</p>
<div class="plots"><figure><figcaption>ROC</figcaption>${rocPlot(plot)}</figure>
<figure><figcaption>ROC, from 0.1 %</figcaption>${rocLogPlot(plot)}</figure>
<figure><figcaption>Scores</figcaption>${scorePlot(scores)}</figure>
<div class="beside"><div class="caption">Where a threshold could stand</div>${operatingTable(evaluation)}</div></div>`;
}

function alertShares(evaluation: Evaluation): Markup {
  const rows: [string, Share, 'attack' | 'benign'][] = [
    ['attacks', evaluation.alert_recall, 'attack'],
    ['benign sessions', evaluation.alert_benign_fpr, 'benign'],
    ['benign sessions on tasks never seen', evaluation.alert_benign_fpr_fresh_tasks, 'benign'],
    ['failed attacks', evaluation.alert_rate_failed_attacks, 'attack'],
    ['direct requests', evaluation.alert_rate_direct_requests, 'attack'],
    ['attacks without a tool call', evaluation.alert_rate_succeeded_without_a_call, 'attack'],
  ];
  return html`<h2>Alerts</h2>
<div class="wide"><table><thead><tr><th>sessions</th><th class="n">alerted</th><th class="n">count</th><th class="n">95 %</th><th class="bar"></th></tr></thead>
<tbody>${rows.map(([words, share, kind]) => html`<tr><td>${words}</td>${shareCells(share, kind)}</tr>`)}</tbody></table></div>
<p>Benign sessions that alert, per agent-day: ${daily(evaluation.false_alert_sessions_per_agent_day)}.
Alerts that opened in them, per agent-day: ${daily(evaluation.false_alerts_per_agent_day)}. Exact Poisson intervals of 95 %.</p>`;
}

const breakdowns = ({ recall }: Evaluation): Markup =>
  html`<h2>Recall</h2>
${BREAKDOWNS.map((name) => {
  const { heading: words, column, note } = BREAKDOWN_WORDS[name];
  return html`<h3>${words}</h3>${note === '' ? '' : html`<p class="quiet">${note}</p>`}${breakdownTable(column, recall[name])}`;
})}`;

function promptness(evaluation: Evaluation): Markup {
  const { median_events, only_before_exposure } = evaluation.time_to_detect;
  return html`<h2>Time to detect</h2>${timingTable(evaluation)}
<p>Median from the first act of the attacker to the first alert: ${median_events ?? '-'} events. Alerted only before the exposure, and counted as
found all the same: ${only_before_exposure}.</p>`;
}

const told = (evaluation: Evaluation): Markup => html`<h2>What fired</h2>
<p>Sessions in which each detector alerted; the AUC is that of its own scores.</p>${detectorTable(evaluation)}
<h3>By title</h3>${titleTable(evaluation)}
<h2>False alerts</h2><p>${ofAll(evaluation.alert_benign_fpr)} benign sessions alerted; the highest scores first, ${evaluation.false_alerts.length} shown.</p>
${falseAlertTable(evaluation)}
<h2>Missed attacks</h2><p>By category, with the highest score among those that did not alert.</p>${missedTable(evaluation)}`;
