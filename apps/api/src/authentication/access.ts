import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { ApiKeyKind, Principal } from '@millrace/domain/tenancy';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; there on every route that is not public. */
    principal: Principal | undefined;
  }
}

/** Who may call a route: keys of these kinds, or everybody, with or without a key. */
export type AccessRule = readonly ApiKeyKind[] | 'public';

/** Every route names its rule, or its controller does; one without is closed. */
export const Access = Reflector.createDecorator<AccessRule>();

/** Hands a handler the principal that AccessGuard has found. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (principal === undefined) throw new Error('A public route has no principal.');
  return principal;
});
