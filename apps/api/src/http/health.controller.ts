import { Controller, Get, Inject } from '@nestjs/common';
import { z } from 'zod';
import { Access } from '../authentication/access.js';
import { Describe } from '../openapi/describe.js';
import { ApiError } from './api-error.js';

/** Says why this process cannot serve now; empty when it can. */
export type Readiness = () => Promise<string[]>;

/** Where Nest finds the Readiness. */
export const READINESS = Symbol('Readiness');

const liveSchema = z.object({ status: z.literal('live') });
const readySchema = z.object({ status: z.literal('ready') });

/** Probes: /livez says the process runs, /readyz that it can serve. */
@Access('public')
@Controller()
export class HealthController {
  constructor(@Inject(READINESS) private readonly readiness: Readiness) {}

  @Get('livez')
  @Describe({ operationId: 'getLiveness', summary: 'Ask whether the process runs', answer: liveSchema })
  live(): z.infer<typeof liveSchema> {
    return { status: 'live' };
  }

  @Get('readyz')
  @Describe({ operationId: 'getReadiness', summary: 'Ask whether the process can serve', answer: readySchema })
  async ready(): Promise<z.infer<typeof readySchema>> {
    const reasons = await this.readiness();
    if (reasons.length > 0) throw new ApiError({ kind: 'not_ready', reasons });
    return { status: 'ready' };
  }
}
