import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '@millrace/domain/tenancy';
import type { Logger } from '@millrace/platform/observability';
import { Access, Caller } from '../authentication/access.js';
import { answerThrown } from '../http/error-answer.js';
import { logFailure } from '../http/failure-log.js';
import { LOGGER } from '../http/logger-token.js';
import { Describe } from '../openapi/describe.js';
import { chatCompletionSchema, chatRequestSchema, rateLimitHeaders } from '../openapi/openai-schemas.js';
import { CallReceiver } from './call-receiver.js';
import { errorEvent } from './chat-response.js';
import { COMPLETE_CHAT, TELL_LIMITS, type ChatCall, type CompleteChat, type TellLimits } from './complete-chat-port.js';
import { RawReplyWriter } from './raw-reply-writer.js';

/** POST /v1/chat/completions: receives the call; completeChat does the rest. */
@Access(['operator', 'inference', 'agent'])
@Controller('v1/chat/completions')
export class ChatController {
  constructor(
    private readonly receiver: CallReceiver,
    @Inject(COMPLETE_CHAT) private readonly completeChat: CompleteChat,
    @Inject(TELL_LIMITS) private readonly tellLimits: TellLimits,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Post()
  @Describe({
    operationId: 'createChatCompletion',
    summary: "Answer a conversation, as OpenAI's API does",
    body: chatRequestSchema,
    answer: chatCompletionSchema,
    otherForms: { 'text/event-stream': 'With `stream`: chunks of the answer, as OpenAI sends them.' },
    answerHeaders: { 'x-millrace-warning': 'What of the request had no effect.', ...rateLimitHeaders },
    status: 200,
  })
  async complete(
    @Caller() principal: Principal,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { warning, ...received } = await this.receiver.receive(principal, request).catch(async (refusal: unknown) => {
      void reply.headers(await this.tellLimits(principal));
      throw refusal;
    });
    if (warning !== undefined) reply.raw.setHeader('x-millrace-warning', warning);
    reply.hijack();
    const { id: requestId, receivedAtMs } = request;
    const writer = new RawReplyWriter(reply.raw, receivedAtMs);
    await this.serve({ requestId, receivedAtMs, principal, reply: writer, hungUp: writer.hungUp, ...received });
  }

  /** Fastify has let go of the reply: every end of the call, good or bad, is written here or in completeChat. */
  private async serve(call: ChatCall & { reply: RawReplyWriter }): Promise<void> {
    const { reply, requestId } = call;
    try {
      await this.completeChat(call);
      if (!reply.ended && !call.hungUp.aborted) throw new Error('completeChat left the reply open');
    } catch (thrown) {
      logFailure(this.logger, requestId, thrown);
      const { status, body, headers } = answerThrown(thrown);
      if (!reply.started) {
        reply.sendJson(status, body, headers);
      } else if (!reply.ended) {
        reply.write(errorEvent(body));
        reply.end();
      }
    }
  }
}
