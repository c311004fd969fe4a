import type { Redis } from 'ioredis';
import { LimitCounters } from '@millrace/adapters/limits';
import { Admission, type AdmissionOptions } from './admission.js';
import { MonthUsage, type MonthUsageOptions } from './month-usage.js';
import { PromptSizes } from './prompt-sizes.js';
import { OpenHolds } from './open-holds.js';

export interface StartAdmissionOptions extends Pick<AdmissionOptions, 'jobs' | 'maxOpenJobs' | 'metrics' | 'onError'> {
  /** Fails fast: no offline queue, one retry per request. */
  redis: Redis;
  usage: MonthUsageOptions['source'];
}

/** Starts to let calls in: their holds are renewed until they are settled. */
export function startAdmission({ redis, usage, ...options }: StartAdmissionOptions) {
  const nowMs = Date.now;
  const counters = new LimitCounters(redis);
  const holds = new OpenHolds({ counters, nowMs, onError: options.onError });
  const monthUsage = new MonthUsage({ source: usage, onError: options.onError });
  const parts = { counters, holds, monthUsage, promptSizes: new PromptSizes(), nowMs };
  const admission = new Admission({ ...options, ...parts });
  const keepUp = (): void => void holds.keepUp();
  redis.on('ready', keepUp);
  return {
    admission,
    close: (): void => {
      redis.off('ready', keepUp);
      holds.close();
    },
  };
}
