import type { AgentDraft, AgentPreset, AgentStore } from '@millrace/adapters/postgres';
import { StartError } from './start-error.js';

const ACTOR = { kind: 'npm start' };

/** The agent that a newcomer finds. Its prompt is one that the tiny model follows: a name, a role, a place, closing words. */
function exampleAgent(model: string): AgentDraft {
  return {
    name: 'guide',
    description: 'An example: it introduces itself, answers and ends with words of its own.',
    model,
    systemPrompt: 'You are Millie, a guide at Millrace. Always end your answer with "Stay curious!"',
    sampling: { temperature: 0 },
  };
}

/**
 * Makes the example agent if it is not there, and lets it follow this version and this start's model for as long as
 * nobody has changed it. `known` is what the key of the example acts as. Answers the agent's id.
 */
export async function ensureExampleAgent(
  agents: AgentStore,
  tenantId: string,
  { model, known }: { model: string; known: string | undefined },
): Promise<string> {
  const draft = exampleAgent(model);
  const agent = (known && (await agents.get(tenantId, known))) || (await makeAgent(agents, tenantId, draft));
  if (await agents.isAsSetUp(tenantId, agent.id)) {
    await agents.change({ tenantId, agentId: agent.id }, draft, { actor: ACTOR });
  }
  return agent.id;
}

async function makeAgent(agents: AgentStore, tenantId: string, draft: AgentDraft): Promise<AgentPreset> {
  const made = await agents.create(tenantId, draft, ACTOR);
  if (made.outcome === 'done') return made.resource;
  const { entries } = await agents.list(tenantId, { name: draft.name }, { limit: 1 });
  if (entries[0]) return entries[0];
  throw new StartError(`The example agent '${draft.name}' can neither be made nor found: start again.`);
}
