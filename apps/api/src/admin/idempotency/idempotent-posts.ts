import { createHash } from 'node:crypto';
import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { IdempotentAnswerStore, type IdempotentCall } from '@millrace/adapters/postgres';
import type { Logger } from '@millrace/platform/observability';
import { ApiError } from '../../http/api-error.js';
import { answerThrown } from '../../http/error-answer.js';
import { LOGGER } from '../../http/logger-token.js';
import { bodyOf } from '../admin-body.js';
import { AnswerCipher } from './answer-cipher.js';

const RETRY_AFTER_MS = 1_000;
const printable = /^[\x20-\x7e]{1,255}$/;

/**
 * Serves a POST with an Idempotency-Key once: the same request under the same key gets the same answer for a day.
 * What was refused has changed nothing and is not kept. Every controller of /admin/v1 that takes POST uses it.
 */
@Injectable()
export class IdempotentPosts implements NestInterceptor {
  constructor(
    private readonly answers: IdempotentAnswerStore,
    private readonly cipher: AnswerCipher,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const idempotencyKey = readIdempotencyKey(request);
    if (idempotencyKey === undefined) return next.handle();
    return from(this.serveOnce(idempotencyKey, { request, reply: http.getResponse<FastifyReply>(), next }));
  }

  private async serveOnce(
    idempotencyKey: string,
    { request, reply, next }: { request: FastifyRequest; reply: FastifyReply; next: CallHandler },
  ): Promise<unknown> {
    const call = await describeCall(idempotencyKey, request);
    const beginning = await this.answers.begin(call);
    switch (beginning.outcome) {
      case 'begun':
        return this.serve(call, { reply, next });
      case 'answered':
        void reply.header('idempotent-replayed', 'true').status(beginning.status);
        return JSON.parse(this.cipher.decrypt(beginning.answer, contextOf(call))) as unknown;
      case 'other_request':
        throw new ApiError({ kind: 'idempotency_key_reused' });
      case 'key_gone':
        throw new ApiError({ kind: 'refused_key', reason: 'unknown', visible: '' });
      case 'under_way':
        throw new ApiError({ kind: 'idempotency_in_progress', retryAfterMs: RETRY_AFTER_MS });
      case 'answer_lost': {
        const what = `the ${beginning.resourceKind} '${beginning.resourceId}'`;
        const message = `This request has been carried out for ${what}, but its answer is lost: read it instead.`;
        throw new ApiError({ kind: 'conflict', message });
      }
    }
  }

  private async serve(
    call: IdempotentCall,
    { reply, next }: { reply: FastifyReply; next: CallHandler },
  ): Promise<unknown> {
    const answer: unknown = await lastValueFrom(next.handle()).catch(async (error: unknown) => {
      // Below 500 nothing was changed. Above, nobody knows: the store finds out when the request comes again.
      if (answerThrown(error).status < 500) await this.answers.release(call);
      throw error;
    });
    const sealed = this.cipher.encrypt(JSON.stringify(answer ?? null), contextOf(call));
    await this.answers.finish(call, reply.statusCode, sealed).catch((error: unknown) => {
      this.logger.warn(
        { err: error, requestId: call.requestId },
        'an answer could not be kept for its Idempotency-Key',
      );
    });
    return answer;
  }
}

function readIdempotencyKey({ method, headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (method !== 'POST' || key === undefined) return undefined;
  if (typeof key === 'string' && printable.test(key)) return key;
  const message = "Invalid header 'Idempotency-Key': expected 1 to 255 printable ASCII characters.";
  throw new ApiError({ kind: 'invalid_request', error: { message, param: 'idempotency-key', code: 'invalid_value' } });
}

async function describeCall(idempotencyKey: string, request: FastifyRequest): Promise<IdempotentCall> {
  const { principal, url, id: requestId } = request;
  if (principal === undefined) throw new Error('A public route has no Idempotency-Key.');
  const asked = JSON.stringify([url, (await bodyOf(request.raw)) ?? null]);
  const requestHash = createHash('sha256').update(asked).digest('hex');
  return { keyId: principal.keyId, idempotencyKey, requestHash, requestId };
}

/** Binds the encrypted answer to its row. */
function contextOf({ keyId, idempotencyKey }: IdempotentCall): string {
  return `${keyId} ${idempotencyKey}`;
}
