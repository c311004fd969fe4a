import { pino } from 'pino';
import type { Agent } from '@millrace/domain/agents';
import type { Principal } from '@millrace/domain/tenancy';
import { RememberedAgents } from './remembered-agents.js';

const agent = (agentId: string): Agent => ({ agentId, model: 'm', systemPrompt: '', sampling: {}, locks: [] });
const actingAs = (agentId: string): Principal => ({ tenantId: 'ten_1', keyId: 'key_1', kind: 'agent', agentId });

function setUp() {
  const world = { asked: [] as string[], away: false, known: new Map([['a', agent('a')]]) };
  world.known.set('b', agent('b'));
  const source = {
    findAgent: async (tenantId: string, agentId: string) => {
      world.asked.push(`${tenantId}/${agentId}`);
      await Promise.resolve();
      if (world.away) throw new Error('Postgres is away');
      return world.known.get(agentId);
    },
  };
  const agents = new RememberedAgents(source, { nowMs: () => 0, logger: pino({ enabled: false }) });
  return { world, agents };
}

describe('the agents that a process remembers', () => {
  it('are none for a key that acts for itself', async () => {
    const { world, agents } = setUp();
    expect(await agents.agentOf({ tenantId: 'ten_1', keyId: 'key_1', kind: 'inference' })).toBeUndefined();
    expect(world.asked).toEqual([]);
  });

  it("are looked up once, within the key's tenant, for all who ask", async () => {
    const { world, agents } = setUp();
    const found = await Promise.all(Array.from({ length: 20 }, () => agents.agentOf(actingAs('a'))));
    expect(found).toEqual(found.map(() => agent('a')));
    await agents.agentOf(actingAs('a'));
    expect(world.asked).toEqual(['ten_1/a']);
  });

  it('are looked up again when they were changed, and no others with them', async () => {
    const { world, agents } = setUp();
    const askBoth = () => Promise.all(['a', 'b'].map((id) => agents.agentOf(actingAs(id))));
    await askBoth();
    agents.forgetAgents('b');
    await askBoth();
    expect(world.asked).toEqual(['ten_1/a', 'ten_1/b', 'ten_1/b']);
    agents.forgetAgents();
    await askBoth();
    expect(world.asked).toHaveLength(5);
  });

  it('go on serving while Postgres is away; others are out of reach', async () => {
    const { world, agents } = setUp();
    await agents.agentOf(actingAs('a'));
    world.away = true;
    agents.distrustAgents();
    expect(await agents.agentOf(actingAs('a'))).toEqual(agent('a'));
    await expect(agents.agentOf(actingAs('b'))).rejects.toMatchObject({ problem: { kind: 'out_of_reach' } });
  });

  it('refuse the key of one that is gone', async () => {
    await expect(setUp().agents.agentOf(actingAs('c'))).rejects.toMatchObject({ problem: { kind: 'refused_key' } });
  });
});
