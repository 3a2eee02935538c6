import { AGENT_KIND_NAMES, AGENT_KINDS } from '../agent-kinds.ts';
import { hexadecimal } from '../agent-profile.ts';
import { DAY_MS, HOUR_MS } from '../rhythm.ts';
import type { Change } from './change.ts';
import { idsOfKind } from './change.ts';

/** Every agent of one kind gets a new tool and a new version within the same hours. */
export const toolRollout: Change = {
  summary: 'A new tool for all agents of a kind, with a new version and tools_hash',
  plan: (setting, random) => {
    const kinds = AGENT_KIND_NAMES.filter(
      (name) => AGENT_KINDS[name].upcoming !== undefined && idsOfKind(setting, [name]).length > 0,
    );
    if (kinds.length === 0) return [];
    const kind = random.pick(kinds);
    const agents = idsOfKind(setting, [kind]);
    const startMs = setting.changesFromMs + random.int(-1, 1) * DAY_MS + random.int(7, 11) * HOUR_MS;
    const release = { version: `${random.int(5, 8)}.0.${random.int(0, 3)}`, toolsHash: hexadecimal(random) };
    const effects = agents.map((agent) => ({
      agents: [agent],
      startMs: startMs + random.int(0, 90) * 60_000,
      endMs: setting.endMs,
      release,
    }));
    const tools = Object.keys(AGENT_KINDS[kind].upcoming ?? {}).join(', ');
    return [{ startMs, endMs: setting.endMs, agents, words: `${kind} ${release.version} brings ${tools}`, effects }];
  },
};
