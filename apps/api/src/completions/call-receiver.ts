import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ServedModel } from '@millrace/adapters/postgres';
import type { Principal } from '@millrace/domain/tenancy';
import { RememberedAgents } from '../agents/remembered-agents.js';
import { ApiError } from '../http/api-error.js';
import { ModelCatalogue } from '../models/model-catalogue.js';
import { Servability } from '../models/servability.js';
import { checkPromptSize } from './check-prompt-size.js';
import type { ChatCall } from './complete-chat-port.js';
import { readDeadlineHeaders } from './deadline-headers.js';
import { receiveChat } from './receive-chat.js';

const PAUSED = 'its deployment is paused until an operator resumes it.';

/** A call that can be served, whatever its caller's limits. */
interface ReceivedCall extends Pick<ChatCall, 'request' | 'deployment' | 'deadlines'> {
  /** For the header that names what had no effect. */
  warning: string | undefined;
}

/** Receives and resolves: what a request asks for, and what serves it. */
@Injectable()
export class CallReceiver {
  constructor(
    private readonly agents: RememberedAgents,
    private readonly catalogue: ModelCatalogue,
    private readonly servability: Servability,
  ) {}

  /** Throws ApiError for what cannot be served. */
  async receive(principal: Principal, { headers, raw }: FastifyRequest): Promise<ReceivedCall> {
    const deadlines = readDeadlineHeaders(headers);
    const agent = await this.agents.agentOf(principal);
    const { request, warning } = await receiveChat(raw, agent);
    const deployment = await this.resolve(principal, request.model);
    checkPromptSize({ request, deployment });
    return { request, deployment, deadlines, warning };
  }

  private async resolve(principal: Principal, model: string): Promise<ServedModel> {
    const deployment = this.catalogue.resolve(principal, model);
    if (deployment === undefined) throw new ApiError({ kind: 'model_not_found', model });
    if (deployment.paused) throw new ApiError({ kind: 'model_not_servable', model, reason: PAUSED });
    const reason = await this.servability.whyNever(deployment);
    if (reason !== undefined) throw new ApiError({ kind: 'model_not_servable', model, reason });
    return deployment;
  }
}
