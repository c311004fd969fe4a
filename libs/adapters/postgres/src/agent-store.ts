import type { SamplingParameters } from '@millrace/contracts/openai';
import { changeSampling, type Agent, type AgentLock, type SamplingChanges } from '@millrace/domain/agents';
import { newId } from '@millrace/platform/ids';
import { IsNull, Not, type DataSource } from 'typeorm';
import type { Actor } from './audit-log.js';
import { AuditedTable, type WriteBy, type WriteOutcome } from './audited-table.js';
import { definedOf } from './defined-of.js';
import { AgentEntity } from './entities/agent.js';
import { AuditEntryEntity } from './entities/audit-entry.js';
import { newestFirst, type Page, type PageWish } from './newest-first.js';

/** An agent as it is administered. */
export interface AgentPreset {
  id: string;
  tenantId: string;
  name: string;
  description: string;
  /** The name of a model. */
  model: string;
  systemPrompt: string;
  sampling: SamplingParameters;
  locks: AgentLock[];
  version: number;
  createdAt: Date;
}

/** What a change says about an agent; what is left out stays as it is. */
export interface AgentChanges {
  name?: string | undefined;
  description?: string | undefined;
  model?: string | undefined;
  systemPrompt?: string | undefined;
  sampling?: SamplingChanges | undefined;
  locks?: AgentLock[] | undefined;
}

/** An agent to make. */
export interface AgentDraft extends AgentChanges {
  name: string;
  model: string;
}

/** By what a list of agents can be narrowed. */
export interface AgentFilters {
  name?: string | undefined;
  model?: string | undefined;
}

/** The agents of tenants. */
export class AgentStore {
  private readonly agents: AuditedTable<AgentEntity, AgentPreset>;

  constructor(private readonly dataSource: DataSource) {
    this.agents = new AuditedTable(dataSource, {
      entity: AgentEntity,
      resourceKind: 'agent',
      toResource,
      tenantOf: ({ tenantId }) => tenantId,
      conflicts: {
        agents_tenant_name_key: 'Another agent of this tenant has this name: choose a different one.',
        agents_tenant_id_fkey: 'The tenant was deleted meanwhile.',
      },
    });
  }

  /** The tenant's agent, as far as it shapes requests. */
  async findAgent(tenantId: string, agentId: string): Promise<Agent | undefined> {
    const found = await this.get(tenantId, agentId);
    if (found === undefined) return undefined;
    const { model, systemPrompt, sampling, locks } = found;
    return { agentId, model, systemPrompt, sampling, locks };
  }

  async create(
    tenantId: string,
    { sampling, ...columns }: AgentDraft,
    actor: Actor,
  ): Promise<WriteOutcome<AgentPreset>> {
    const row = { id: newId('agt'), tenantId, ...definedOf(columns), sampling: changeSampling({}, sampling) };
    return this.agents.create(row, actor);
  }

  async list(tenantId: string, filters: AgentFilters, wish: PageWish): Promise<Page<AgentPreset>> {
    const { entries, hasMore } = await newestFirst(this.rows(), { tenantId, ...definedOf(filters) }, wish);
    return { entries: entries.map(toResource), hasMore };
  }

  async get(tenantId: string, agentId: string): Promise<AgentPreset | undefined> {
    const row = await this.rows().findOneBy({ tenantId, id: agentId });
    return row === null ? undefined : toResource(row);
  }

  async change(
    { tenantId, agentId }: { tenantId: string; agentId: string },
    { sampling, ...columns }: AgentChanges,
    by: WriteBy,
  ): Promise<WriteOutcome<AgentPreset>> {
    return this.agents.change({ tenantId, id: agentId }, by, (row) => {
      Object.assign(row, definedOf(columns), { sampling: changeSampling(row.sampling, sampling) });
      return undefined;
    });
  }

  /** Removes the agent with its keys; usage and audit entries stay. */
  async delete(tenantId: string, agentId: string, by: WriteBy): Promise<WriteOutcome<AgentPreset>> {
    return this.agents.remove({ tenantId, id: agentId }, by);
  }

  /** Whether no key has ever changed the agent, so that it is as `npm start` has set it up. */
  async isAsSetUp(tenantId: string, agentId: string): Promise<boolean> {
    const changesByKeys = { tenantId, resourceId: agentId, actorKeyId: Not(IsNull()) };
    return !(await this.dataSource.getRepository(AuditEntryEntity).existsBy(changesByKeys));
  }

  private rows() {
    return this.dataSource.getRepository(AgentEntity);
  }
}

function toResource(row: AgentEntity): AgentPreset {
  const { id, tenantId, name, description, model, systemPrompt, sampling, locks, version, createdAt } = row;
  return { id, tenantId, name, description, model, systemPrompt, sampling, locks, version, createdAt };
}
