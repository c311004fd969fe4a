import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ApiError } from './api-error.js';

/** The numbers of this process in Prometheus' text format. */
export type MetricsText = () => Promise<string>;

/** Where Nest finds the MetricsText. */
export const METRICS_TEXT = Symbol('MetricsText');

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** GET /metrics: for whoever is on this machine; others are told that there is nothing. */
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(METRICS_TEXT) private readonly text: MetricsText) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(@Req() request: FastifyRequest): Promise<string> {
    if (!isOnThisMachine(request)) throw new ApiError({ kind: 'route_not_found', method: 'GET', path: '/metrics' });
    return this.text();
  }
}

/** A proxy on this machine speaks for somebody else, and says so. */
function isOnThisMachine({ raw, headers }: FastifyRequest): boolean {
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  return LOOPBACK.has(raw.socket.remoteAddress ?? '') && !isForwarded;
}
