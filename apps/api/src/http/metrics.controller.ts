import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../authentication/access.js';
import { ApiKeyAuthenticator } from '../authentication/api-key-authenticator.js';
import { Describe } from '../openapi/describe.js';
import { ApiError } from './api-error.js';

/** The numbers of this process in Prometheus' text format. */
export type MetricsText = () => Promise<string>;

/** Where Nest finds the MetricsText. */
export const METRICS_TEXT = Symbol('MetricsText');

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** GET /metrics: for whoever is on this machine, and with an operator key for everybody else. */
@Access('public')
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly authenticator: ApiKeyAuthenticator,
    @Inject(METRICS_TEXT) private readonly text: MetricsText,
  ) {}

  @Get()
  @Describe({
    operationId: 'getMetrics',
    summary: 'Read the numbers of this process',
    details: 'From another machine it takes an operator key.',
    otherForms: { 'text/plain': "Prometheus' text format." },
  })
  async metrics(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    if (!isOnThisMachine(request)) await this.requireOperator(request.headers.authorization);
    // Not before: an error is JSON.
    void reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    return this.text();
  }

  private async requireOperator(authorization: string | undefined): Promise<void> {
    const { kind } = await this.authenticator.authenticate(authorization);
    if (kind !== 'operator') throw new ApiError({ kind: 'wrong_kind_of_key', have: kind, need: ['operator'] });
  }
}

/** What says that somebody else asks: a proxy on this machine, or a page of any origin in a browser on it. */
const FOR_OTHERS = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via', 'origin'];

function isOnThisMachine({ raw, headers }: FastifyRequest): boolean {
  const isForOthers = FOR_OTHERS.some((name) => headers[name] !== undefined);
  return LOOPBACK.has(raw.socket.remoteAddress ?? '') && !isForOthers;
}
