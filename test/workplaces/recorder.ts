/** Turns what happens in a session into wire events, as the agent's forwarder sends them. */
import type { WireEvent } from '../../ingest/event.ts';
import type { Person } from './names.ts';
import type { Pipeline } from './pipelines.ts';
import type { Fields, Forwarder, Tool, Workplace } from './place.ts';
import type { Random } from './random.ts';
import { render } from './render.ts';

export interface Failure {
  readonly outcome: 'failure' | 'denied';
  readonly kind: string;
}

export interface Recorder {
  readonly events: WireEvent[];
  /** One turn of the model. `prompt`: what the user wrote since the last. */
  modelCall(prompt: string | undefined, outputBytes: number): void;
  /** Gives the event's id. `value`: what the tool answered, or the message of its failure. */
  toolCall(name: string, args: Fields, value: unknown, failure?: Failure): string;
}

export interface RecorderContext {
  readonly place: Workplace;
  readonly pipeline: Pipeline;
  readonly forwarder: Forwarder;
  readonly agentId: string;
  readonly principal: Person;
  readonly startMs: number;
  readonly r: Random;
}

const bytes = (text: string) => Buffer.byteLength(text);

export function createRecorder(context: RecorderContext): Recorder {
  const { place, pipeline, forwarder, r } = context;
  const events: WireEvent[] = [];
  const sessionId = `s_${r.hex(20)}`;
  let [timeMs, contextBytes, lastPrompt] = [context.startMs, pipeline.systemBytes, ''];

  function add(fields: Omit<WireEvent, 'id' | 'time' | 'agent'>): string {
    const id = `e_${r.hex(20)}`;
    events.push({
      schema: 'picket.event/1',
      id,
      time: new Date(timeMs).toISOString(),
      agent: { id: context.agentId, kind: place.kind },
      session: { id: sessionId },
      principal: { id: context.principal.handle, kind: 'user' },
      model: { name: pipeline.model },
      seq: events.length,
      ...fields,
    });
    return id;
  }

  function modelCall(prompt: string | undefined, outputBytes: number): void {
    timeMs += Math.round(r.around(pipeline.stepMs, 0.45)) + 40;
    if (prompt !== undefined) lastPrompt = prompt;
    contextBytes += bytes(prompt ?? '');
    const shown = prompt ?? (forwarder.repeatsPrompt ? lastPrompt : undefined);
    add({
      action: { type: 'model_call', name: 'chat.completion' },
      endpoint: `llm.${pipeline.provider}.chat`,
      data: { rows: 0, bytes_received: outputBytes, bytes_sent: contextBytes },
      outcome: 'success',
      ...(forwarder.tokens && {
        usage: { input_tokens: Math.ceil(contextBytes / 4), output_tokens: Math.ceil(outputBytes / 4) },
      }),
      ...(shown !== undefined && { content: { prompt: shown } }),
    });
    contextBytes += outputBytes;
  }

  function toolCall(name: string, args: Fields, value: unknown, failure?: Failure): string {
    const tool = place.tools[name];
    if (tool === undefined) throw new Error(`${place.name} has no tool ${name}`);
    timeMs += Math.round(r.around(tool.type === 'execute' ? 900 : 220, 0.7)) + 3;
    const text = writeArguments(args, forwarder.arguments);
    const result = render(value, failure === undefined ? (tool.format ?? 'json') : 'json');
    contextBytes += bytes(text) + bytes(result);
    return add({
      action: { type: forwarder.types === 'coarse' ? 'tool_call' : tool.type, name },
      ...(tool.server !== undefined && { endpoint: `${tool.server}.${name}` }),
      data: {
        rows: failure === undefined ? countRows(value) : 0,
        bytes_received: bytes(result),
        bytes_sent: bytes(text),
      },
      outcome: failure?.outcome ?? 'success',
      ...(failure !== undefined && { error: { kind: failure.kind } }),
      ...places(tool, args, forwarder),
      content: { arguments: text, ...(result !== '' && { result }) },
    });
  }

  return { events, modelCall, toolCall };
}

const countRows = (value: unknown) =>
  Array.isArray(value) ? value.length : typeof value === 'object' && value !== null ? 1 : 0;

function writeArguments(args: Fields, form: Forwarder['arguments']): string {
  if (form === 'json') return JSON.stringify(args);
  if (form === 'spaced')
    return JSON.stringify(args, null, 1)
      .replace(/\n\s*/g, ' ')
      .replace(/([{[]) /g, '$1')
      .replace(/ ([}\]])/g, '$1');
  return Object.entries(args)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(', ');
}

/** Destinations and resources by the tool's own account of its arguments, as far as this forwarder passes them on. */
function places(tool: Tool, args: Fields, forwarder: Forwarder): Pick<WireEvent, 'destinations' | 'resources'> {
  const tells = forwarder.destinations === 'all' || (forwarder.destinations === 'sends' && tool.type === 'send');
  const destinations = tells
    ? collect(tool.to ?? {}, args).map(([kind, value]) => ({ kind: kind as 'host', value }))
    : [];
  const marks = {
    ...(tool.classification !== undefined && { classification: tool.classification }),
    ...(tool.external === true && { origin: 'external' as const }),
  };
  const named = forwarder.resources === 'all' ? collect(tool.on ?? {}, args) : [];
  const resources = named.map(([kind, name]) => ({ name, kind, ...marks }));
  return { ...(destinations.length > 0 && { destinations }), ...(resources.length > 0 && { resources }) };
}

const VALUES_MAX = 60;

/** Lists may nest; a destination longer than the wire format allows is no destination. */
function collect(
  paths: Readonly<Record<string, readonly string[] | undefined>>,
  args: Fields,
): [kind: string, value: string][] {
  return Object.entries(paths)
    .flatMap(([kind, names = []]) =>
      names.flatMap((name) => valuesAt(args, name.split('.')).map((value): [string, string] => [kind, value])),
    )
    .filter(([, value]) => value !== '' && value.length <= 2000)
    .slice(0, VALUES_MAX);
}

function valuesAt(value: unknown, path: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  const [head, ...rest] = path;
  if (head === undefined) return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
  if (typeof value !== 'object' || value === null) return [];
  return valuesAt((value as Record<string, unknown>)[head], rest);
}
