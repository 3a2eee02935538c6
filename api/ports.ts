/** What the API needs from the rest of Picket. Whoever wires it (`cli`) supplies these. */
import type { FastifyServerOptions } from 'fastify';
import type { Static } from 'typebox';
import type { Dispatcher } from '../alerts/delivery.ts';
import type { DeliveryStore } from '../alerts/delivery-store.ts';
import type { Timers } from '../alerts/timers.ts';
import type { Measure } from '../baselines/measures.ts';
import type { StoredState } from '../baselines/state-codec.ts';
import type { Unzip } from '../ingest/http-body.ts';
import type { LogSink } from '../ingest/log.ts';
import type { Store } from '../store/store.ts';
import type { KeyAdministration } from './key-administration.ts';
import type { KeyRing } from './keys.ts';
import type { ApiLimits } from './limits.ts';
import type { RejectedRecord } from './problems.ts';
import type { AgentDescriptionSchema } from './schemas/agent.ts';
import type { BuiltBody, LiveBaseline } from './schemas/baseline.ts';
import type { AgentVerification, RangePlan, RangeReport, RangeWish, StretchBody } from './schemas/verify.ts';

export interface IntakeContext {
  /** Unique per request: the source position of what it brings, and of ids derived without an idempotency key. */
  readonly requestId: string;
  readonly idempotencyKey?: string;
}

export interface IntakeResult {
  readonly accepted: number;
  /** In order of `index`. Each is also a dead letter by the time this is answered. */
  readonly rejected: readonly RejectedRecord[];
}

export interface Intake {
  /** Resolves when every record is durable as an event or a dead letter. Rejects with `LogUnavailable`: nothing was stored. */
  accept(tenant: string, records: Uint8Array[], context: IntakeContext): Promise<IntakeResult>;
}

/** Plain JSON: times are RFC 3339 in UTC, as `Date.prototype.toISOString` writes them. Lists come most used first, bounded. */
export type AgentDescription = Static<typeof AgentDescriptionSchema>;

export interface Agents {
  /** Undefined when the engine knows no such agent of this tenant. */
  describe(tenant: string, agentId: string): Promise<AgentDescription | undefined>;
}

/** What a quantity of one hour is expected to be, and the band that `BAND` of all such hours stay within. */
export interface ExpectedHour {
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
}

/** What the baseline expects of hours, as far as it knows now. */
export interface Expectations {
  readonly knowledge: LiveBaseline['knowledge']['level'];
  readonly zoneOffsetMs: number;
  /** One for each hour, in order. */
  readonly hours: readonly ExpectedHour[];
}

/** A baseline stored for a rollback to go on from. */
export interface KeptBaseline {
  /** Names it in the log: SHA-256, hex. */
  readonly content: string;
}

export interface Baselines {
  /** Undefined when the engine knows no such agent of this tenant. */
  describe(tenant: string, agentId: string): Promise<LiveBaseline | undefined>;
  /** `hours`: starts of hours, epoch ms. Undefined as for `describe`. */
  expect(
    tenant: string,
    agentId: string,
    measure: Measure,
    hours: readonly number[],
  ): Promise<Expectations | undefined>;
  /** Stores the baseline of a stored state. `shift`: positions in it are of an older log, and must not look newer than those of this. */
  keep(tenant: string, stored: StoredState, shift: boolean): Promise<KeptBaseline>;
  /**
   * Builds a baseline from the stored events of an agent since an instant (epoch ms; 0: all) and stores it. Rejects with the problems
   * `not_found` (no events), `too_much_history` and `busy`.
   */
  build(tenant: string, agentId: string, sinceMs: number): Promise<KeptBaseline & { readonly built: BuiltBody }>;
}

/** Recomputes what is stored. All reject with the problem `busy` while another is at it. */
export interface Verification {
  /** Whose administrators may look at the whole log: whoever runs Picket. */
  readonly operator: string;
  /** `from`: position of the snapshot to begin with. Rejects with `not_found` and `too_much_history`. */
  agent(tenant: string, agentId: string, mode: 'judge' | 'replay', from?: number): Promise<AgentVerification>;
  /** The stretches of the log that a range is, each short enough for one `check`. */
  plan(range: RangeWish): Promise<RangePlan>;
  check(stretch: StretchBody, repair: boolean): Promise<RangeReport>;
}

export interface ReadinessCheck {
  readonly name: string;
  readonly ok: boolean;
  /** Not ok, and yet the process can do its work: it stays ready, and says that it is degraded. */
  readonly degraded?: boolean;
  /** For people; no secrets: it is shown without a key. */
  readonly detail: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly ReadinessCheck[];
}

export interface Status {
  /** A rejection counts as not ready. */
  ready(): Promise<Readiness>;
  /** Numbers by Prometheus name without the `picket_` prefix; names ending in `_total` are counters, others gauges. */
  counters(): Readonly<Record<string, number>>;
}

export interface ApiDeps {
  readonly store: Pick<Store, 'query'>;
  readonly keys: Pick<KeyRing, 'identify'>;
  readonly keyAdministration: KeyAdministration;
  /** Epoch ms. */
  readonly now: () => number;
  readonly timers: Timers;
  /** Default: in the platform's threads. */
  readonly unzip?: Unzip;
  /** Must not repeat, not even after a restart. */
  readonly requestId: () => string;
  readonly intake: Intake;
  readonly log: LogSink;
  readonly agents: Agents;
  readonly baselines: Baselines;
  readonly deliveries: Pick<DeliveryStore, 'replay'>;
  /** Deliveries of an alert that this process has in hand; absent in one that sends nothing. */
  readonly waiting?: Dispatcher['waiting'];
  readonly verification: Verification;
  readonly status: Status;
  /** Options for pino, or false for silence. Credentials are redacted whatever they say. */
  readonly logger: Exclude<FastifyServerOptions['logger'], true | undefined>;
  /** Opens the sealed bytes of a dead letter. Throws when they were sealed under another key. */
  readonly openDeadLetter: (sealedBase64: string) => Uint8Array;
  readonly limits: ApiLimits;
}
