/** Writes one session act by act: model calls in between, token counts, durations, failures and retries. */
import type { WireEvent } from '../../ingest/event.ts';
import type { Act } from './act.ts';
import type { AgentProfile } from './agent-profile.ts';
import type { Random } from './random.ts';

/** Everything of a wire event that the session decides; the fleet adds ids, time, `seq`, agent and session. */
export type EventBody = Omit<WireEvent, 'schema' | 'id' | 'time' | 'seq' | 'agent' | 'session' | 'principal'>;

/** Who brought an event about. Known to the simulation only; never part of the event. */
export type Part = 'benign' | 'exposure' | 'attack';

export interface DraftEvent {
  readonly timeMs: number;
  readonly part: Part;
  readonly body: EventBody;
}

export interface SessionDraft {
  readonly startMs: number;
  readonly principal: NonNullable<WireEvent['principal']>;
  readonly events: readonly DraftEvent[];
}

export interface SessionWriter {
  readonly random: Random;
  /** The principal's turn: what they wrote, word for word. */
  say(prompt: string): void;
  act(act: Act): void;
  /** The model's last word. */
  answer(): void;
  events(): DraftEvent[];
  /** What the next model call would be shown, in characters. */
  contextChars(): number;
}

export interface WriterOptions {
  readonly agent: AgentProfile;
  readonly startMs: number;
  readonly random: Random;
  readonly part: Part;
  /** The session is under way: before the principal's next turn, time passes. */
  readonly continues: boolean;
  /** Characters the model is shown at every call: system prompt and the session so far. */
  readonly contextChars: number;
}

const MODEL_ENDPOINT = 'llm.gateway.example.com/v1/chat/completions';
export const CHARS_PER_TOKEN = 4;
/** The context is cut here, as agents do: a long loop does not grow for ever. */
const CONTEXT_CHARS_MAX = 400_000;

const THOUGHTS = [
  'I have what I need for the next step.',
  'First look up the record, then act on it.',
  'The result is complete, continuing with the request.',
  'One more call is needed before I can answer.',
  'Checking the details once more before going on.',
] as const;

const ERRORS = ['timeout', 'rate_limited', 'unavailable', 'conflict'] as const;

export function createSessionWriter(options: WriterOptions): SessionWriter {
  const { agent, random, part } = options;
  const noise = agent.steady ? 0 : 1;
  const events: DraftEvent[] = [];
  let timeMs = options.startMs;
  let contextChars = options.contextChars;

  function append(body: EventBody, pauseMs: number): void {
    timeMs += Math.max(1, Math.round(pauseMs + (body.duration_ms ?? 0)));
    events.push({ timeMs, part, body });
  }

  function callModel(prompt?: string): void {
    contextChars = Math.min(contextChars + (prompt?.length ?? 0), CONTEXT_CHARS_MAX);
    const body = modelCall(agent, contextChars, random, noise, prompt);
    contextChars += (body.usage?.output_tokens ?? 0) * CHARS_PER_TOKEN;
    const opens = events.length === 0 && !options.continues;
    append(body, prompt === undefined || opens ? 20 : random.lognormal(60_000, 0.8 * noise));
  }

  function call(act: Act): void {
    if (events.at(-1)?.body.action.type !== 'model_call') callModel();
    append(toolCall(act, random, noise), 15);
    contextChars += act.result.length;
  }

  return {
    random,
    say: callModel,
    act: (act) => {
      if (act.outcome === undefined && random.chance(agent.failureRate)) call(failed(act, random));
      call(act);
    },
    answer: () => callModel(),
    events: () => events,
    contextChars: () => contextChars,
  };
}

function modelCall(
  agent: AgentProfile,
  contextChars: number,
  random: Random,
  noise: number,
  prompt?: string,
): EventBody {
  const { model, verbosity } = agent;
  const input = Math.ceil((contextChars / CHARS_PER_TOKEN) * random.lognormal(1, 0.04 * noise));
  const output = Math.ceil(random.lognormal(90 * verbosity, 0.7 * noise));
  const thought = noise > 0 && random.chance(0.2) ? random.pick(THOUGHTS) : undefined;
  const content = { ...(prompt !== undefined && { prompt }), ...(thought !== undefined && { reasoning: thought }) };
  return {
    action: { type: 'model_call', name: 'chat.completion' },
    endpoint: MODEL_ENDPOINT,
    model: { provider: model.provider, name: model.name },
    data: { bytes_sent: contextChars, bytes_received: output * CHARS_PER_TOKEN },
    usage: { input_tokens: input, output_tokens: output },
    cost: { micro_usd: Math.round(input * model.inputMicroUsd + output * model.outputMicroUsd) },
    duration_ms: Math.round(300 + output * random.lognormal(11, 0.3 * noise)),
    outcome: 'success',
    ...(Object.keys(content).length > 0 && { content }),
  };
}

function toolCall(act: Act, random: Random, noise: number): EventBody {
  const text = JSON.stringify(act.arguments);
  const { tool, endpoint, outcome = 'success', resources = [], destinations = [] } = act;
  return {
    action: { type: tool.type, name: tool.name },
    endpoint: endpoint ?? `${tool.server}.${tool.name}`,
    tool: { server: tool.server },
    data: {
      ...(act.rows !== undefined && { rows: act.rows }),
      bytes_sent: act.bytesSent ?? text.length,
      bytes_received: act.bytesReceived ?? act.result.length,
    },
    duration_ms: Math.round(random.lognormal(tool.medianMs, 0.6 * noise)),
    outcome,
    ...(resources.length > 0 && { resources: [...resources] }),
    ...(destinations.length > 0 && { destinations: [...destinations] }),
    ...(act.error !== undefined && { error: { kind: act.error } }),
    ...(act.decision !== undefined && { decision: act.decision }),
    content: { arguments: text, result: act.result },
  };
}

/** The same call, gone wrong: nothing came back. The agent then tries again. */
function failed(act: Act, random: Random): Act {
  const error = random.pick(ERRORS);
  const { rows: _rows, bytesReceived: _bytes, ...rest } = act;
  return { ...rest, result: `error: ${error}`, outcome: 'failure', error };
}
