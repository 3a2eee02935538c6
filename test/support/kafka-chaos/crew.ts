/** The processes of a fleet as a supervisor keeps them, and what a test may do to each. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from '../kafka-fleet.ts';
import type { Ended, PicketService } from '../picket-process.ts';

export type Role = 'worker' | 'intake';

export interface Member {
  readonly role: Role;
  readonly service: PicketService;
  paused: boolean;
  /** Told to end, or killed: its end is no surprise. */
  dismissed: boolean;
}

/** What a member says about itself. */
export interface Sighting {
  /** Records it has been given and not finished, or that wait for it. */
  readonly lag: number;
  readonly rebalances: number;
}

export interface Crew {
  /** Starts one more; resolves when it has announced itself. A start that fails is tried again, as a supervisor does. */
  start(role: Role): Promise<void>;
  /** Those that run and do not stand still. */
  up(role: Role): Member[];
  /** All that run, stand still or are about to run. */
  size(role: Role): number;
  /** Undefined when it does not answer. */
  look(member: Member): Promise<Sighting | undefined>;
  /** Resolves when the process is gone. */
  end(member: Member, signal: 'SIGKILL' | 'SIGTERM'): Promise<Ended>;
  /** Stands still, with its connections open. */
  pause(member: Member): void;
  resume(member: Member): void;
  /** What ended, or did not start, although nobody wanted it to. */
  readonly surprises: readonly string[];
}

const STARTS_MAX = 5;
const RESTART_MS = 1_000;
const LOOK_MS_MAX = 2_000;
const TOLD_CHARACTERS = 1_000;

export function createCrew(fleet: Fleet): Crew {
  const members = new Set<Member>();
  const coming = { worker: 0, intake: 0 };
  const surprises: string[] = [];

  async function start(role: Role): Promise<void> {
    coming[role] += 1;
    try {
      enlist(role, await started(role));
    } finally {
      coming[role] -= 1;
    }
  }

  async function started(role: Role): Promise<PicketService> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await fleet.start(role);
      } catch (error) {
        surprises.push(`${role} did not start: ${(error as Error).message.slice(-TOLD_CHARACTERS)}`);
        if (attempt >= STARTS_MAX) throw error;
        await sleep(RESTART_MS);
      }
    }
  }

  function enlist(role: Role, service: PicketService): void {
    const member: Member = { role, service, paused: false, dismissed: false };
    members.add(member);
    void service.ended.then(({ code, stderr }) => {
      members.delete(member);
      if (!member.dismissed) surprises.push(`${role} ended with ${code}: ${stderr.slice(-TOLD_CHARACTERS)}`);
    });
  }

  return {
    start,
    up: (role) => [...members].filter((member) => member.role === role && !member.paused && !member.dismissed),
    size: (role) => [...members].filter((one) => one.role === role && !one.dismissed).length + coming[role],
    look,
    end(member, signal) {
      member.dismissed = true;
      return member.service.kill(signal);
    },
    pause(member) {
      member.paused = true;
      void member.service.kill('SIGSTOP');
    },
    resume(member) {
      member.paused = false;
      void member.service.kill('SIGCONT');
    },
    surprises,
  };
}

async function look({ service }: Member): Promise<Sighting | undefined> {
  try {
    const response = await fetch(`${service.url}/metrics`, { signal: AbortSignal.timeout(LOOK_MS_MAX) });
    const text = await response.text();
    const metric = (name: string) =>
      Number(new RegExp(`^picket_(?:log|intake)_${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
    return { lag: metric('lag'), rebalances: metric('rebalances_total') };
  } catch {
    return undefined;
  }
}
