import type { Act, Tool } from '../act.ts';
import type { Random } from '../random.ts';
import { chatter, topic } from '../texts.ts';
import { chooseMoment, chooseVenue, interleave, staged } from './stage.ts';
import type { Scene, Story } from './story.ts';

/** Services nobody in the company gave to an agent. */
const STRANGE_TOOLS: readonly Tool[] = [
  { server: 'identity', name: 'list_accounts', type: 'data_read', medianMs: 500 },
  { server: 'identity', name: 'create_token', type: 'auth', medianMs: 400 },
  { server: 'secrets', name: 'list_paths', type: 'data_read', medianMs: 200 },
  { server: 'network', name: 'scan_hosts', type: 'execute', medianMs: 8_000 },
  { server: 'backups', name: 'list_snapshots', type: 'data_read', medianMs: 600 },
  { server: 'clipboard', name: 'create_paste', type: 'data_write', medianMs: 300 },
  { server: 'messaging', name: 'list_conversations', type: 'data_read', medianMs: 500 },
];

/** One service the agent never used: a single call, or a whole tour of it. */
export const novelEndpoint: Story = {
  summary: 'The agent starts calling a service it has never used',
  pace: 'minutes',
  suits: () => true,
  plot: (scene, random) => {
    const venue = chooseVenue(scene, random);
    const tools = chooseTools(scene, random);
    const calls = Math.min(20, 1 + random.negativeBinomial(3, 0.8));
    const options = { after: chooseMoment(venue.session, random), random: random.fork('acts') };
    const outcome = interleave(scene, venue.session, options, (session) => {
      for (let left = calls; left > 0; left -= 1) session.act(callOf(session.random.pick(tools), session.random));
    });
    const words = `${calls} calls of ${tools.map((tool) => `${tool.server}.${tool.name}`).join(', ')}`;
    return { ...staged(venue, outcome), magnitude: { amount: calls, unit: 'calls', words } };
  },
};

export function chooseTools(scene: Scene, random: Random): Tool[] {
  const own = new Set(Object.values(scene.stream.kind.toolbox).map((tool) => tool.server));
  const foreign = scene.foreignTools.filter(
    (tool) => !own.has(tool.server) && tool.type !== 'send' && tool.server !== 'http',
  );
  const pool = random.chance(0.5) ? STRANGE_TOOLS : foreign;
  const first = random.pick(pool.length > 0 ? pool : STRANGE_TOOLS);
  return [...pool, first]
    .filter((tool, index, all) => tool.server === first.server && all.indexOf(tool) === index)
    .slice(0, 3);
}

export function callOf(tool: Tool, random: Random): Act {
  const rows = Math.round(random.lognormal(8, 1));
  const bytesReceived = Math.round(random.lognormal(900, 1.1));
  return { tool, arguments: { query: topic(random), limit: 50 }, result: chatter(random, 1, 4), rows, bytesReceived };
}
