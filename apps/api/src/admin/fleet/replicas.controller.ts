import { Controller, Get, HttpCode, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { ReplicaAdminStore, type OperatorDrain, type WriteBy } from '@millrace/adapters/postgres';
import { Access } from '../../authentication/access.js';
import { Describe } from '../../openapi/describe.js';
import { IdempotentPosts } from '../idempotency/idempotent-posts.js';
import { listOf, listPage, readQuery, type ListPage } from '../list-query.js';
import { Requester } from '../requester.js';
import { found, written } from '../write-outcome.js';
import { replicaOnWire } from './replica-on-wire.js';
import { replicaListQuery, replicaSchema, type ReplicaOnWire } from './replicas-schema.js';

/** /admin/v1/replicas. For operators. */
@Access(['operator'])
@UseInterceptors(IdempotentPosts)
@Controller('admin/v1/replicas')
export class ReplicasController {
  constructor(private readonly replicas: ReplicaAdminStore) {}

  @Get()
  @Describe({
    ...{ operationId: 'listReplicas', summary: 'List replicas' },
    ...{ query: replicaListQuery, answer: listOf(replicaSchema) },
  })
  async list(@Query() query: Record<string, unknown>): Promise<ListPage<ReplicaOnWire>> {
    const { limit, after, ...filters } = readQuery(query, replicaListQuery);
    return listPage(await this.replicas.list(filters, { limit, after }), replicaOnWire);
  }

  @Get(':replicaId')
  @Describe({ operationId: 'getReplica', summary: 'Read a replica', answer: replicaSchema })
  async get(@Param('replicaId') id: string): Promise<ReplicaOnWire> {
    return replicaOnWire(found(await this.replicas.get(id), named(id)));
  }

  @Post(':replicaId/restart')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'restartReplica', summary: 'Replace a replica by a new one', answer: replicaSchema },
    details:
      'It drains, and another one is started for its deployment: at once where there is room beside it or the minimum ' +
      'of replicas wants it, else when it is needed. The new one has an id of its own.',
  })
  async restart(@Param('replicaId') id: string, @Requester() by: WriteBy): Promise<ReplicaOnWire> {
    return this.end(id, 'operator_restart', by);
  }

  @Post(':replicaId/drain')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'drainReplica', summary: 'Let a replica finish what it serves and stop', answer: replicaSchema },
    details:
      'It takes nothing new, finishes what it serves for a minute at most, and stops; what is left goes on elsewhere. ' +
      'The wish of its deployment stays: where it wants as many replicas as before, another one is placed.',
  })
  async drain(@Param('replicaId') id: string, @Requester() by: WriteBy): Promise<ReplicaOnWire> {
    return this.end(id, 'operator_drain', by);
  }

  private async end(id: string, reason: OperatorDrain, { actor }: WriteBy): Promise<ReplicaOnWire> {
    written(await this.replicas.drain(id, reason, actor), named(id));
    return this.get(id);
  }
}

function named(id: string) {
  return { resource: 'replica', id };
}
