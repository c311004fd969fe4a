/** May this request become a job? */
export { admit } from './admit.js';
export { type LevelUsage } from './level-usage.js';
export { limitedLevels, type LimitedLevel } from './limit-levels.js';
export { estimatePromptTokens, fewestPromptTokens, learnTokensPerByte, type PromptSize } from './prompt-estimate.js';
export { quotaMonth, type QuotaMonth } from './quota-month.js';
export { rateLimitHeaders, unknownRateHeaders, type RateLimitHeaders } from './rate-limit-headers.js';
export { refuse, refuseForever, type LimitName, type Refusal } from './refuse.js';
export { allowedAnswerTokens, requestCost, type SizedRequest } from './request-cost.js';
