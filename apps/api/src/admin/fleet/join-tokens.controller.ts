import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { JoinTokenStore, type JoinToken, type WriteBy } from '@millrace/adapters/postgres';
import { storedSecret } from '@millrace/domain/tenancy';
import { newSecret } from '@millrace/platform/ids';
import { Access } from '../../authentication/access.js';
import { Describe } from '../../openapi/describe.js';
import { readAdminBody } from '../admin-body.js';
import { IdempotentPosts } from '../idempotency/idempotent-posts.js';
import { listOf, listPage, listQuerySchema, readListQuery, type ListPage } from '../list-query.js';
import { Requester } from '../requester.js';
import { found, written } from '../write-outcome.js';
import {
  createJoinTokenSchema,
  issuedJoinTokenSchema,
  joinTokenSchema,
  type IssuedJoinToken,
  type JoinTokenOnWire,
} from './join-tokens-schema.js';

/** Where Nest finds the secret that join tokens are hashed with. */
export const KEY_PEPPER = Symbol('KeyPepper');

/** /admin/v1/join-tokens: what runners join by. For operators. */
@Access(['operator'])
@UseInterceptors(IdempotentPosts)
@Controller('admin/v1/join-tokens')
export class JoinTokensController {
  constructor(
    private readonly tokens: JoinTokenStore,
    @Inject(KEY_PEPPER) private readonly pepper: string,
  ) {}

  @Get()
  @Describe({
    ...{ operationId: 'listJoinTokens', summary: 'List join tokens' },
    ...{ query: listQuerySchema, answer: listOf(joinTokenSchema) },
  })
  async list(@Query() query: Record<string, unknown>): Promise<ListPage<JoinTokenOnWire>> {
    return listPage(await this.tokens.list(readListQuery(query)), joinTokenOnWire);
  }

  @Post()
  @Describe({
    ...{ operationId: 'createJoinToken', summary: 'Create a join token' },
    details:
      'The answer is the only one that holds the secret. Each runner that joins by it exchanges it for a credential of ' +
      'its own.',
    ...{ body: createJoinTokenSchema, answer: issuedJoinTokenSchema },
  })
  async create(@Req() request: FastifyRequest, @Requester() { actor }: WriteBy): Promise<IssuedJoinToken> {
    const { name, expiresAt = null } = await readAdminBody(request.raw, createJoinTokenSchema);
    const secret = newSecret('join');
    const outcome = await this.tokens.create({ name, expiresAt, ...storedSecret(this.pepper, secret) }, actor);
    return { ...joinTokenOnWire(written(outcome, named(name))), secret };
  }

  @Get(':joinTokenId')
  @Describe({ operationId: 'getJoinToken', summary: 'Read a join token', answer: joinTokenSchema })
  async get(@Param('joinTokenId') id: string): Promise<JoinTokenOnWire> {
    return joinTokenOnWire(found(await this.tokens.get(id), named(id)));
  }

  @Post(':joinTokenId/revoke')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'revokeJoinToken', summary: 'Let no runner join by a token any more' },
    details: 'Runners that have joined keep their own credentials: to end one of them, delete the runner.',
    ...{ answer: joinTokenSchema, ifMatch: true },
  })
  async revoke(@Param('joinTokenId') id: string, @Requester() by: WriteBy): Promise<JoinTokenOnWire> {
    return joinTokenOnWire(written(await this.tokens.revoke(id, by), named(id)));
  }

  @Delete(':joinTokenId')
  @Describe({
    ...{ operationId: 'deleteJoinToken', summary: 'Revoke a join token and forget it', ifMatch: true },
  })
  @HttpCode(204)
  async delete(@Param('joinTokenId') id: string, @Requester() by: WriteBy): Promise<void> {
    written(await this.tokens.delete(id, by), named(id));
  }
}

function named(id: string) {
  return { resource: 'join token', id };
}

function joinTokenOnWire(token: JoinToken): JoinTokenOnWire {
  const expiresAt = token.expiresAt?.toISOString() ?? null;
  return { ...token, expiresAt, createdAt: token.createdAt.toISOString() };
}
