/** The smallest event a producer may send, and one with every field. */
export const RECEIVED_MS = Date.UTC(2026, 10, 21, 9, 0, 1);
export const EVENT_TIME_MS = Date.UTC(2026, 10, 21, 9, 0, 0);

export function smallestEvent(): Record<string, unknown> {
  return { time: EVENT_TIME_MS, agent: { id: 'a1' }, action: { type: 'tool_call', name: 'crm.search' } };
}

export function fullestEvent(): Record<string, unknown> {
  return {
    schema: 'picket.event/1',
    id: 'e1',
    time: EVENT_TIME_MS,
    seq: 7,
    agent: {
      id: 'a1',
      name: 'Billing',
      kind: 'billing',
      version: '1.4.2',
      owner: 'finance',
      instance_id: 'pod-1',
      parent_id: 'a0',
      root_id: 'a0',
      clearance: 'internal',
      tools_hash: 'th',
      prompt_hash: 'ph',
    },
    session: { id: 's1', parent_id: 's0' },
    principal: { id: 'u1', kind: 'user' },
    action: { type: 'send', name: 'mail.send', phase: 'completed' },
    endpoint: 'mail.example.com/send',
    destinations: [
      { kind: 'email', value: 'bob@example.com' },
      { kind: 'host', value: 'mail.example.com' },
    ],
    resources: [
      { name: 'customers', kind: 'table', classification: 'confidential', origin: 'internal', rows_total: 1000 },
    ],
    data: { rows: 25, bytes_received: 18_234, bytes_sent: 512 },
    usage: { input_tokens: 1200, output_tokens: 85 },
    cost: { micro_usd: 4200 },
    duration_ms: 230,
    outcome: 'success',
    error: { kind: 'timeout' },
    model: { provider: 'acme', name: 'm-1' },
    tool: { server: 'crm', call_id: 'call_1', schema_hash: 'sh' },
    decision: { result: 'allowed', by: 'policy', policy: 'p1' },
    content: { prompt: 'p', system: 's', context: 'c', arguments: '{}', result: 'r', reasoning: 'because' },
    source: { ip: '192.0.2.1' },
    trace: { id: 't1', span_id: 'sp1', parent_span_id: 'sp0' },
    attributes: { team: 'blue' },
  };
}
