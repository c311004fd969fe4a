import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '@millrace/domain/tenancy';
import { ApiError } from '../http/api-error.js';
import { Access } from './access.js';
import type { ApiKeyAuthenticator } from './api-key-authenticator.js';

/**
 * Runs before every handler: finds out who calls and whether the route takes keys of that kind. Whoever is not an
 * operator sees one tenant only, so below /tenants/{tenantId} every other id is unknown to them.
 */
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authenticator: Pick<ApiKeyAuthenticator, 'authenticate'>,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.getAllAndOverride(Access, [context.getHandler(), context.getClass()]);
    if (rule === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const principal = await this.authenticator.authenticate(request.headers.authorization);
    if (rule === undefined)
      throw new Error(`No @Access on the route ${request.method} ${request.routeOptions.url ?? ''}.`);
    if (!rule.includes(principal.kind)) {
      throw new ApiError({ kind: 'wrong_kind_of_key', have: principal.kind, need: rule });
    }
    requireOwnTenant(principal, request.params);
    request.principal = principal;
    return true;
  }
}

function requireOwnTenant({ kind, tenantId }: Principal, params: unknown): void {
  const asked = (params as Readonly<Record<string, string | undefined>>)['tenantId'];
  if (asked === undefined || asked === tenantId || kind === 'operator') return;
  throw new ApiError({ kind: 'resource_not_found', resource: 'tenant', id: asked });
}
