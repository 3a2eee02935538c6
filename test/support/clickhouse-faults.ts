/** What can be made to go wrong between a client and the engine. */
export type Fault =
  /** Every connection is reset, for so long. */
  | { readonly kind: 'refuse'; readonly forMs: number }
  | { readonly kind: 'delay'; readonly ms: number; readonly times: number; readonly on: Target }
  /** The statement runs, then the socket dies: the lost acknowledgement. */
  | { readonly kind: 'apply-then-drop'; readonly times: number; readonly on: Target }
  /** The statement does not run; the answer is this ClickHouse error. */
  | { readonly kind: 'error'; readonly code: number; readonly times: number; readonly on: Target }
  /** The answer ends in the middle. */
  | { readonly kind: 'half-body'; readonly times: number; readonly on: Target };

export type Target = 'insert' | 'other' | 'any';
export type StatementFault = Exclude<Fault, { kind: 'refuse' }>;

export interface FaultQueue {
  inject(fault: Fault): void;
  clear(): void;
  refuses(): boolean;
  /** The next fault meant for this statement, used up by one. */
  take(sql: string): StatementFault | undefined;
}

export function createFaultQueue(now: () => number): FaultQueue {
  let pending: { fault: StatementFault; left: number }[] = [];
  let refuseUntilMs = 0;
  return {
    inject(fault) {
      if (fault.kind === 'refuse') refuseUntilMs = now() + fault.forMs;
      else pending.push({ fault, left: fault.times });
    },
    clear() {
      pending = [];
      refuseUntilMs = 0;
    },
    refuses: () => now() < refuseUntilMs,
    take(sql) {
      const target: Target = /^\s*INSERT\b/i.test(sql) ? 'insert' : 'other';
      const entry = pending.find(({ fault }) => fault.on === 'any' || fault.on === target);
      if (entry === undefined) return undefined;
      entry.left--;
      if (entry.left <= 0) pending = pending.filter((other) => other !== entry);
      return entry.fault;
    },
  };
}
