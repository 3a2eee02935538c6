/**
 * Goal: a known tool at a kindred address is a move and alerts nobody, however many services move at once; whatever only looks like one is as new
 * as before; and an attacker who copies a move is seen by what he does there. On the whole pipeline, and the rule by itself in a table.
 */
import { describe, expect, it } from 'vitest';
import { DEFAULT_BASELINE_SETTINGS, emptyBaseline, learnEvent } from '../../baselines/baseline.ts';
import type { Verdict } from '../../baselines/verdict.ts';
import { WaitingEvents } from '../../baselines/waiting-events.ts';
import { exfiltration } from '../../detectors/exfiltration.ts';
import { movedFrom, newPlaceOf } from '../../detectors/moved-endpoint.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import { createAgentBench, HOUR_MS, MONDAY_MS, toolCall } from '../support/agent-bench.ts';
import { learnedCall } from '../support/learned-event.ts';

const detectorsIn = (verdicts: readonly Verdict[]) => [
  ...new Set(verdicts.flatMap(({ hits }) => hits.map(({ detector }) => detector))),
];

/** What the agent knows: the endpoint and the tool behind it. */
const KNOWN: readonly (readonly [endpoint: string, tool: string])[] = [
  ['crm.lookup', 'lookup'],
  ['ticket-store-v1.search', 'search'],
  ['llm.corp.example/v1/chat', 'chat'],
  ['api.eu-west-1.corp.example/items', 'list_items'],
  ['shop.hosting.example/orders', 'list_orders'],
  ['10.0.0.5/health', 'health'],
  ['model-1/v1/chat', 'chat'],
  ['orders-api.onrender.com/sync', 'sync'],
  ['search.firm.co.uk/find', 'find'],
  ['llm.firm.co.uk:8443/v1', 'complete'],
  ['billing.erp.internal/bills', 'list_bills'],
];

const learned = (endpoint: string, tool: string) => learnedCall(MONDAY_MS, { endpoint, tool });

function baselineOfKnown() {
  const baseline = emptyBaseline();
  for (const [endpoint, tool] of KNOWN) learnEvent(baseline, learned(endpoint, tool), DEFAULT_BASELINE_SETTINGS);
  return baseline;
}

describe('a moved endpoint', () => {
  const baseline = baselineOfKnown();

  it.each([
    ['crm-eu.lookup', 'lookup', 'crm.lookup'],
    ['site2-crm.lookup', 'lookup', 'crm.lookup'],
    ['model-gpu-2/v1/chat', 'chat', 'model-1/v1/chat'],
    ['CRM_new.lookup', 'lookup', 'crm.lookup'],
    ['ticket-store-v2.search', 'search', 'ticket-store-v1.search'],
    ['eu.llm.corp.example/v1/chat', 'chat', 'llm.corp.example/v1/chat'],
    ['llm-2.corp.example/v1/chat', 'chat', 'llm.corp.example/v1/chat'],
    ['api.us-east-1.corp.example/items', 'list_items', 'api.eu-west-1.corp.example/items'],
    ['search-2.firm.co.uk/find', 'find', 'search.firm.co.uk/find'],
    ['llm-2.firm.co.uk:8443/v1', 'complete', 'llm.firm.co.uk:8443/v1'],
    ['billing-2.erp.internal/bills', 'list_bills', 'billing.erp.internal/bills'],
  ])('%s of %s comes from %s', (endpoint, tool, from) => {
    expect(movedFrom({ endpoint, tool }, baseline)).toBe(from);
  });

  it.each([
    ['another server', 'vault.lookup', 'lookup'],
    ['a name that merely begins alike', 'crmx.lookup', 'lookup'],
    ['another tool of a kindred server', 'crm-eu.export', 'export'],
    ['a tool known elsewhere', 'crm-eu.search', 'search'],
    ['half of the name', 'ticket.search', 'lookup'],
    ['another domain', 'llm.corp-example.test/v1/chat', 'chat'],
    ['the old name before another domain', 'llm.corp.example.collector.test/v1/chat', 'chat'],
    ['a host of the network before a domain', 'model.collector.test/v1/chat', 'chat'],
    ['a domain that ends alike', 'llm.evilcorp.example/v1/chat', 'chat'],
    ['another path', 'eu.llm.corp.example/upload', 'chat'],
    ['the path of another host', 'api.eu-west-1.corp.example/v1/chat', 'chat'],
    ['a neighbour at a hosting service', 'drop.hosting.example/orders', 'list_orders'],
    ['a customer of the same service, with a word in common', 'orders-copy.onrender.com/sync', 'sync'],
    ['a neighbour under a registry', 'search.other.co.uk/find', 'find'],
    ['one with the same port', 'llm.other.co.uk:8443/v1', 'complete'],
    ['another address in numbers', '99.0.0.5/health', 'health'],
    ['no place at all', 'lookup', 'lookup'],
    ['an empty place', '.lookup', 'lookup'],
    ['an empty host', '/v1/chat', 'chat'],
  ])('is not %s (%s)', (_, endpoint, tool) => {
    expect(movedFrom({ endpoint, tool }, baseline)).toBeUndefined();
  });

  it('is one as long as the session does not go back to the old one', () => {
    const [to, from] = [learned('crm-eu.lookup', 'lookup'), learned('crm.lookup', 'lookup')];
    const at = { endpoint: 'crm-eu.lookup', tool: 'lookup' };
    expect(movedFrom(at, baseline, new WaitingEvents([from, to, to]))).toBe('crm.lookup');
    expect(movedFrom(at, baseline, new WaitingEvents([from, to, from]))).toBeUndefined();
  });
});

const use = (id: string, timeMs: number, endpoint: string, session = id): AuditEvent =>
  toolCall(id, timeMs, {
    session: { id: session },
    endpoint,
    action: { type: 'tool_call', name: endpoint.slice(endpoint.lastIndexOf('.') + 1), phase: 'completed' },
  });
const SERVERS = ['crm.lookup', 'tickets.search', 'ledger.query', 'mail.list'];
const AT_MS = (session: number) => MONDAY_MS + session * 8 * HOUR_MS;
/** Sixty sessions with all of its services. */
function settled() {
  const agent = createAgentBench();
  for (let s = 0; s < 60; s++)
    for (const [n, endpoint] of SERVERS.entries())
      agent.event(use(`e${s}-${n}`, AT_MS(s) + n * 1000, endpoint, `s${s}`));
  return agent;
}
/** One session, a call every second. */
const session = (at: number, endpoints: readonly string[]) =>
  endpoints.map((endpoint, n) => use(`n${at}-${n}`, AT_MS(at) + n * 1000, endpoint, `n${at}`));

describe('an agent whose services move', () => {
  const moved = SERVERS.map((endpoint) => endpoint.replace('.', '-north.'));

  it('raises nothing, though all of them are new at once, and knows them afterwards', () => {
    const agent = settled();
    const verdicts = [60, 61, 62].flatMap((at) => agent.events(session(at, moved)));
    expect(detectorsIn(verdicts)).toEqual([]);
    expect(verdicts[0]?.surprise['novel-endpoint']).toBeGreaterThan(1);
    expect(verdicts.at(-1)?.surprise['novel-endpoint'] ?? 0).toBe(0);
  });

  it('hides no service that is new besides', () => {
    const agent = settled();
    const verdicts = agent.events(session(60, [...moved, 'payroll.export']));
    expect(verdicts.flatMap(({ hits }) => hits).map(({ subject }) => subject)).toEqual(['payroll']);
  });

  it('alerts where the services have other names altogether', () => {
    expect(detectorsIn(settled().events(session(60, ['atlas.lookup'])))).toEqual(['novel-endpoint']);
  });
});

describe('a service that is new as a whole', () => {
  const atlas = ['lookup', 'search', 'update', 'export', 'list', 'merge'].map((tool) => `atlas.${tool}`);

  it('is one alert, however many of its endpoints are used in how many sessions of a day', () => {
    const agent = settled();
    const hits = [60, 61, 62].flatMap((at) => agent.events(session(at, atlas))).flatMap((one) => one.hits);
    expect(hits.length).toBeGreaterThanOrEqual(atlas.length);
    expect(new Set(hits.map(({ subject }) => subject))).toEqual(new Set(['atlas']));
    expect(hits.filter(({ opened }) => opened)).toHaveLength(1);
  });

  it('is not one with endpoints of a service that the agent knows, nor with another', () => {
    const endpoints = ['atlas.lookup', 'crm.export_everything', 'vault.read'];
    const subjects = settled()
      .events(session(60, endpoints))
      .flatMap(({ hits }) => hits.map(({ subject }) => subject));
    expect(new Set(subjects)).toEqual(new Set(['atlas', 'crm.export_everything', 'vault']));
  });

  it.each([
    ['atlas.lookup', 'lookup', 'atlas'],
    ['atlas.example/v1/items', 'list_items', 'atlas.example'],
    ['other.corp.example/items', 'list_items', 'other.corp.example'],
    ['crm.export', 'export', undefined],
    ['llm.corp.example/v2/chat', 'chat', undefined],
    ['lookup', 'lookup', undefined],
    ['cr.lookup', 'lookup', 'cr'],
  ])('is at a place where nothing is known: %s', (endpoint, tool, place) => {
    expect(newPlaceOf({ endpoint, tool }, baselineOfKnown())).toBe(place);
  });
});

describe('an attacker who copies a move', () => {
  it('beside the service that goes on is seen when the session uses both', () => {
    const verdicts = settled().events(session(60, ['crm-backup.lookup', 'crm.lookup', 'crm-backup.lookup']));
    expect(verdicts.map(({ hits }) => hits.map(({ subject }) => subject))).toEqual([[], [], ['crm-backup']]);
  });

  it('is seen by what leaves, to a place that only a result named', () => {
    const { history, probe } = exfiltration.canary;
    const copied = probe.map((event) =>
      event.action.type === 'send' ? { ...event, endpoint: event.endpoint.replace('mail.', 'mail-2.') } : event,
    );
    const agent = createAgentBench();
    agent.events(history);
    expect(detectorsIn(agent.events(copied))).toContain('exfiltration');
  });
});
