import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isOutOfReach, isUnstorableText } from '@millrace/adapters/postgres';
import type { Logger } from '@millrace/platform/observability';
import { ApiError } from './api-error.js';
import { answerThrown } from './error-answer.js';
import { logFailure } from './failure-log.js';
import type { RouteTable } from './route-table.js';

const UNREADABLE_TYPE = 'The Content-Type header cannot be read: send application/json.';

/** Answers whatever a handler, Nest or Fastify throws, in OpenAI's envelope. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly logger: Logger,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const failure = this.translate(thrown, request);
    logFailure(this.logger, request.id, failure);
    if (reply.sent) return;
    const { status, body, headers } = answerThrown(failure);
    void reply.status(status).headers(headers).send(body);
  }

  /** Gives what the framework throws our own kinds; what remains unknown stays as it is. */
  private translate(thrown: unknown, request: FastifyRequest): unknown {
    if (thrown instanceof ApiError) return thrown;
    if (isOutOfReach(thrown)) {
      return new ApiError({ kind: 'out_of_reach', what: 'database', retryAfterMs: 2_000 }, { cause: thrown });
    }
    if (isUnstorableText(thrown)) {
      const error = { message: 'A text has characters that cannot be stored.', param: null, code: 'invalid_value' };
      return new ApiError({ kind: 'invalid_request', error }, { cause: thrown });
    }
    const status = thrown instanceof HttpException ? thrown.getStatus() : undefined;
    if (status === 404) return this.notServed(request);
    if (status === 400) return new ApiError({ kind: 'malformed_http', what: 'the URL cannot be read' });
    if (status === 415) return new ApiError({ kind: 'unsupported_media_type', what: UNREADABLE_TYPE });
    if (status === 503) return new ApiError({ kind: 'out_of_reach', what: 'server', retryAfterMs: 1_000 });
    return thrown;
  }

  private notServed(request: FastifyRequest): ApiError {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = this.routes.methodsOf(path);
    const target = { method: request.method, path };
    if (allowed.length === 0) return new ApiError({ kind: 'route_not_found', ...target });
    return new ApiError({ kind: 'method_not_allowed', ...target, allowed });
  }
}
