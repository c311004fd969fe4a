import type { SamplingParameters } from '@millrace/contracts/openai';
import type { Agent, AgentLock } from '@millrace/domain/agents';
import type { DataSource } from 'typeorm';

interface AgentRow {
  id: string;
  model: string;
  system_prompt: string;
  sampling: SamplingParameters;
  locks: AgentLock[];
}

/** Agents of tenants. */
export class AgentStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The tenant's agent, as far as it shapes requests. */
  async findAgent(tenantId: string, agentId: string): Promise<Agent | undefined> {
    const [row] = await this.dataSource.query<AgentRow[]>(
      'SELECT id, model, system_prompt, sampling, locks FROM agents WHERE tenant_id = $1 AND id = $2',
      [tenantId, agentId],
    );
    return row && toAgent(row);
  }
}

function toAgent({ id: agentId, model, system_prompt: systemPrompt, sampling, locks }: AgentRow): Agent {
  return { agentId, model, systemPrompt, sampling, locks };
}
