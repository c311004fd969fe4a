import type { Agent } from '@millrace/domain/agents';
import type { Logger } from '@millrace/platform/observability';
import { RememberedAgents } from '../src/agents/remembered-agents.js';

/** The agent of the key that tests start with. */
export const guide: Agent = {
  agentId: 'agt_1',
  model: 'millrace-tiny',
  systemPrompt: 'You are a guide.',
  sampling: { temperature: 0, stop: ['END'] },
  locks: ['temperature'],
};

/** Agents by id, and what the API remembers of them. */
export function knownAgents(logger: Logger): { presets: Map<string, Agent>; agents: RememberedAgents } {
  const presets = new Map([[guide.agentId, guide]]);
  const findAgent = (_: string, agentId: string) => Promise.resolve(presets.get(agentId));
  return { presets, agents: new RememberedAgents({ findAgent }, { nowMs: Date.now, logger }) };
}
