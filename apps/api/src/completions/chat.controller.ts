import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '@millrace/domain/tenancy';
import type { Logger } from '@millrace/platform/observability';
import { RememberedAgents } from '../agents/remembered-agents.js';
import { Access, Caller } from '../authentication/access.js';
import { ApiError } from '../http/api-error.js';
import { answerThrown } from '../http/error-answer.js';
import { logFailure } from '../http/failure-log.js';
import { LOGGER } from '../http/logger-token.js';
import { ModelCatalogue } from '../models/model-catalogue.js';
import { Describe } from '../openapi/describe.js';
import { chatCompletionSchema, chatRequestSchema } from '../openapi/openai-schemas.js';
import type { ServedModel } from '@millrace/adapters/postgres';
import { errorEvent } from './chat-response.js';
import { COMPLETE_CHAT, type ChatCall, type CompleteChat } from './complete-chat-port.js';
import { readDeadlineHeaders } from './deadline-headers.js';
import { RawReplyWriter } from './raw-reply-writer.js';
import { receiveChat } from './receive-chat.js';

/** POST /v1/chat/completions: receives and resolves; completeChat does the rest. */
@Access(['operator', 'inference', 'agent'])
@Controller('v1/chat/completions')
export class ChatController {
  constructor(
    private readonly agents: RememberedAgents,
    private readonly catalogue: ModelCatalogue,
    @Inject(COMPLETE_CHAT) private readonly completeChat: CompleteChat,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Post()
  @Describe({
    operationId: 'createChatCompletion',
    summary: "Answer a conversation, as OpenAI's API does",
    body: chatRequestSchema,
    answer: chatCompletionSchema,
    otherForms: { 'text/event-stream': 'With `stream`: chunks of the answer, as OpenAI sends them.' },
    answerHeaders: { 'x-millrace-warning': 'What of the request had no effect.' },
    status: 200,
  })
  async complete(
    @Caller() principal: Principal,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const deadlines = readDeadlineHeaders(request.headers);
    const agent = await this.agents.agentOf(principal);
    const { request: chatRequest, warning } = await receiveChat(request.raw, agent);
    const deployment = this.resolve(principal, chatRequest.model);
    if (warning !== undefined) reply.raw.setHeader('x-millrace-warning', warning);
    reply.hijack();
    const { id: requestId, receivedAtMs } = request;
    const writer = new RawReplyWriter(reply.raw, receivedAtMs);
    const caller = { principal, reply: writer, hungUp: writer.hungUp };
    await this.serve({ requestId, receivedAtMs, ...caller, request: chatRequest, deployment, deadlines });
  }

  private resolve(principal: Principal, model: string): ServedModel {
    const deployment = this.catalogue.resolve(principal, model);
    if (deployment === undefined) throw new ApiError({ kind: 'model_not_found', model });
    return deployment;
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
