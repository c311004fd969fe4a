import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor, WriteBy } from '@millrace/adapters/postgres';
import { ApiError } from '../http/api-error.js';

const entityTag = /^(?:W\/)?"?(\d{1,9})"?$/;

/** Hands a handler who asks for a change and from where, and the version that If-Match makes its condition. */
export const Requester = createParamDecorator((_: unknown, context: ExecutionContext): WriteBy => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return { actor: actorOf(request), ifVersion: readIfMatch(request.headers['if-match']) };
});

/** Who sent a request that has been authenticated. */
function actorOf({ principal, ip, id }: FastifyRequest): Actor {
  if (principal === undefined) throw new Error('A public route has no actor.');
  return { keyId: principal.keyId, kind: principal.kind, address: ip, requestId: id };
}

function readIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const version = entityTag.exec(header.trim())?.[1];
  if (version !== undefined) return Number(version);
  const message = `Invalid header 'If-Match': expected the version of the resource, such as "3".`;
  throw new ApiError({ kind: 'invalid_request', error: { message, param: 'if-match', code: 'invalid_value' } });
}
