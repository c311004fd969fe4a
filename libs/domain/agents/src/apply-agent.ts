import type { AskedChat } from '@millrace/contracts/openai';
import { agentLocks, type Agent, type AgentLock } from './agent.js';

/** A request as its agent wants it. */
export interface AppliedAgent {
  asked: AskedChat;
  /** What the caller set and the agent has decided otherwise; the caller is told. */
  overruled: AgentLock[];
}

/**
 * Makes the agent's request of a caller's: the agent's model; its system prompt before all messages of the caller; of
 * the sampling what the caller has set, else the agent's. What the agent locks is as the agent has it, set or left open.
 */
export function applyAgent(asked: AskedChat, agent: Agent): AppliedAgent {
  const locked: AgentLock[] = ['model', ...agent.locks];
  const own = { ...agent.sampling, model: agent.model };
  const request = { ...own, ...without(asked, locked), messages: messagesOf(asked, agent) };
  const overruled = agentLocks.filter(
    (name) => locked.includes(name) && asked[name] !== undefined && !isSame(asked[name], own[name]),
  );
  return { asked: request, overruled };
}

function without(asked: AskedChat, names: readonly AgentLock[]): Omit<AskedChat, 'model'> {
  const kept = { ...asked };
  for (const name of names) Reflect.deleteProperty(kept, name);
  return kept;
}

function messagesOf({ messages }: AskedChat, { systemPrompt }: Agent): AskedChat['messages'] {
  return systemPrompt === '' ? messages : [{ role: 'system', text: systemPrompt }, ...messages];
}

type Value = string | number | string[] | undefined;

function isSame(one: Value, other: Value): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((text, index) => text === other[index]);
}
