import type { Agent } from '@millrace/domain/agents';
import type { Principal } from '@millrace/domain/tenancy';
import { ApiError } from '../http/api-error.js';
import { RememberedRows, type RememberedRowsOptions } from '../stores/remembered-rows.js';

/** Where agents come from. Implemented by AgentStore. */
export interface AgentSource {
  findAgent(tenantId: string, agentId: string): Promise<Agent | undefined>;
}

/** A system prompt may have hundreds of kilobytes. */
const MOST_AGENTS = 500;

/** The agents that this process has been asked for, in memory. When Postgres is away, those seen before go on working. */
export class RememberedAgents {
  private readonly agents: RememberedRows<Agent>;

  constructor(
    private readonly source: AgentSource,
    options: Omit<RememberedRowsOptions, 'storeName' | 'most'>,
  ) {
    this.agents = new RememberedRows({ ...options, storeName: 'agent store', most: MOST_AGENTS });
  }

  /**
   * The agent that the principal acts as; undefined where it acts for itself.
   * Throws ApiError when the agent is gone, its keys with it, and when it is out of reach.
   */
  async agentOf({ tenantId, agentId }: Principal): Promise<Agent | undefined> {
    if (agentId === undefined) return undefined;
    const agent = await this.agents.find(agentId, () => this.source.findAgent(tenantId, agentId));
    if (agent === undefined) throw new ApiError({ kind: 'refused_key', reason: 'unknown', visible: '' });
    return agent;
  }

  /** This agent was changed; without an id, any of them may have been. Nothing remembered of it may serve again. */
  forgetAgents(agentId?: string): void {
    this.agents.forget(agentId === undefined ? {} : { keys: [agentId] });
  }

  /** Changes may have been missed: every agent is looked up again before it serves, while that is possible. */
  distrustAgents(): void {
    this.agents.distrust();
  }
}
