import type { CountedLevel, HoldAnswer, HoldRequest, LimitCounters } from '@millrace/adapters/limits';
import {
  admit,
  allowedAnswerTokens,
  limitedLevels,
  quotaMonth,
  rateLimitHeaders,
  refuse,
  refuseForever,
  requestCost,
  unknownRateHeaders,
  type LimitedLevel,
  type RateLimitHeaders,
  type Refusal,
} from '@millrace/domain/admission';
import type { Principal } from '@millrace/domain/tenancy';
import type { ChatCall } from '../completions/complete-chat-port.js';
import { ApiError } from '../http/api-error.js';
import type { ApiMetrics } from '../metrics/api-metrics.js';
import type { JobOwner } from '../queueing/job-owner.js';
import type { MonthUsage, TokensUsed } from './month-usage.js';
import type { OpenHolds } from './open-holds.js';
import type { PromptSizes } from './prompt-sizes.js';

/** How long callers are asked to wait while nobody can tell what they have used. */
const COUNTERS_AWAY_RETRY_MS = 2_000;

export interface AdmissionOptions {
  jobs: Pick<JobOwner, 'openJobs'>;
  maxOpenJobs: number;
  counters: Pick<LimitCounters, 'hold' | 'look'>;
  monthUsage: Pick<MonthUsage, 'read'>;
  holds: Pick<OpenHolds, 'keep'>;
  promptSizes: PromptSizes;
  metrics: Pick<ApiMetrics, 'requestRejected'>;
  nowMs: () => number;
  onError: (error: unknown, what: string) => void;
}

/** What a call has used. */
export interface UsedTokens {
  promptTokens: number;
  /** Of all its answers. */
  completionTokens: number;
}

/** A call that may become jobs. */
export interface AdmittedCall {
  /** As it came, but for the length of its answer where that was not asked and tokens are limited. */
  call: ChatCall;
  /** To be called once, when the call has ended. */
  settle: (used: UsedTokens) => void;
}

/**
 * Lets calls in while this process and the limits of tenant and key have room for them. The limits are one round trip
 * to Redis, and none for callers who have none.
 */
export class Admission {
  constructor(private readonly options: AdmissionOptions) {}

  /** Tells the caller its limits and holds what the call may use. Throws ApiError when there is no room. */
  async admit(call: ChatCall): Promise<AdmittedCall> {
    const full = this.full(call);
    if (full !== undefined) throw await this.telling(call, full);
    const levels = limitedLevels(call.principal.limits);
    if (levels.length === 0) return { call, settle: () => undefined };
    const { reply, request, requestId } = call;
    const { sized, learn } = this.options.promptSizes.measure(call);
    const cost = requestCost(sized, levels);
    const never = refuseForever(levels, cost);
    if (never !== undefined) throw await this.telling(call, this.refused(never));
    const answer = await this.hold(call, levels, { requestId, ...cost });
    reply.setHeaders(rateLimitHeaders(levels, answer.usages));
    if (answer.outcome === 'refused') throw this.refused(refuse(levels, answer.usages, cost));
    const settleHold = this.options.holds.keep(answer.hold);
    const settle: AdmittedCall['settle'] = ({ promptTokens, completionTokens }) => {
      settleHold(promptTokens + completionTokens);
      learn(promptTokens);
    };
    // Jobs of other calls may have come while this one waited for Redis.
    const fullByNow = this.full(call);
    if (fullByNow !== undefined) {
      settleHold(0);
      throw fullByNow;
    }
    const maxCompletionTokens = allowedAnswerTokens(sized, answer.hold.tokens, levels);
    if (maxCompletionTokens === undefined) return { call, settle };
    return { call: { ...call, request: { ...request, maxCompletionTokens } }, settle };
  }

  /** What the headers of an answer say that was not admitted. */
  async tellLimits(principal: Principal): Promise<RateLimitHeaders> {
    const levels = limitedLevels(principal.limits);
    if (levels.length === 0) return rateLimitHeaders([], []);
    const { tenantId } = principal;
    const month = quotaMonth(this.options.nowMs()).name;
    try {
      const usages = await this.options.counters.look({ tenantId, month, levels: countedLevels(levels, principal) });
      return rateLimitHeaders(levels, usages);
    } catch (error) {
      this.options.onError(error, 'tell a caller its limits');
      return unknownRateHeaders(levels, COUNTERS_AWAY_RETRY_MS);
    }
  }

  private async telling({ reply, principal }: ChatCall, refusal: ApiError): Promise<ApiError> {
    reply.setHeaders(await this.tellLimits(principal));
    return refusal;
  }

  /** Why this process has no room for the jobs of the call; undefined where it has. */
  private full({ request }: ChatCall): ApiError | undefined {
    const { jobs, maxOpenJobs, metrics } = this.options;
    const admission = admit({ openJobs: jobs.openJobs, newJobs: request.choices, maxOpenJobs });
    if (admission.outcome === 'admitted') return undefined;
    metrics.requestRejected(admission.reason);
    return new ApiError({ kind: admission.reason, retryAfterMs: admission.retryAfterMs });
  }

  private async hold(
    { principal, reply }: ChatCall,
    levels: readonly LimitedLevel[],
    wanted: Pick<HoldRequest, 'requestId' | 'leastTokens' | 'mostTokens'>,
  ): Promise<Exclude<HoldAnswer, { outcome: 'month_unknown' }>> {
    try {
      return await this.askCounters(principal, levels, wanted);
    } catch (error) {
      reply.setHeaders(unknownRateHeaders(levels, COUNTERS_AWAY_RETRY_MS));
      this.options.metrics.requestRejected('out_of_reach');
      const problem = {
        kind: 'out_of_reach',
        what: 'counter of limits',
        retryAfterMs: COUNTERS_AWAY_RETRY_MS,
      } as const;
      throw new ApiError(problem, { cause: error });
    }
  }

  /** One round trip; another one, and one to Postgres, where Redis does not know what was used of a month. */
  private async askCounters(
    principal: Principal,
    levels: readonly LimitedLevel[],
    wanted: Pick<HoldRequest, 'requestId' | 'leastTokens' | 'mostTokens'>,
  ): Promise<Exclude<HoldAnswer, { outcome: 'month_unknown' }>> {
    const { counters, monthUsage, nowMs } = this.options;
    const { tenantId, keyId } = principal;
    const month = quotaMonth(nowMs());
    const counted = countedLevels(levels, principal);
    const asked = { tenantId, month: month.name, ...wanted };
    const answer = await counters.hold({ ...asked, levels: counted });
    if (answer.outcome !== 'month_unknown') return answer;
    const used = await monthUsage.read(tenantId, keyId, month);
    const again = await counters.hold({ ...asked, levels: counted.map((level) => withMonth(level, used)) });
    if (again.outcome === 'month_unknown') throw new Error('The counters do not take what was used of the month.');
    return again;
  }

  private refused(refusal: Refusal): ApiError {
    this.options.metrics.requestRejected(refusal.reason === 'too_large' ? refusal.reason : refusal.limit);
    switch (refusal.reason) {
      case 'rate_limited':
        return new ApiError({ kind: 'rate_limited', message: refusal.message, retryAfterMs: refusal.retryAfterMs });
      case 'quota_exceeded':
        return new ApiError({ kind: 'quota_exceeded', message: refusal.message });
      case 'too_large':
        return new ApiError({ kind: 'over_limit', message: refusal.message });
    }
  }
}

function countedLevels(levels: readonly LimitedLevel[], { keyId }: Principal): CountedLevel[] {
  return levels.map(({ name, limits }) => ({ limits, ...(name === 'key' && { keyId }) }));
}

/** While Postgres is away too, nobody knows what is left of a quota: the other limits hold, and usage is metered later. */
function withMonth(level: CountedLevel, used: TokensUsed | undefined): CountedLevel {
  const { tokensPerMonth: _unknown, ...others } = level.limits;
  if (used === undefined) return { ...level, limits: others };
  return { ...level, usedThisMonth: level.keyId === undefined ? used.tenant : used.key };
}
