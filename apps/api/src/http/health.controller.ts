import { Controller, Get, Inject } from '@nestjs/common';
import { Access } from '../authentication/access.js';
import { ApiError } from './api-error.js';

/** Says why this process cannot serve now; empty when it can. */
export type Readiness = () => Promise<string[]>;

/** Where Nest finds the Readiness. */
export const READINESS = Symbol('Readiness');

/** Probes: /livez says the process runs, /readyz that it can serve. */
@Access('public')
@Controller()
export class HealthController {
  constructor(@Inject(READINESS) private readonly readiness: Readiness) {}

  @Get('livez')
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('readyz')
  async ready(): Promise<{ status: 'ready' }> {
    const reasons = await this.readiness();
    if (reasons.length > 0) throw new ApiError({ kind: 'not_ready', reasons });
    return { status: 'ready' };
  }
}
