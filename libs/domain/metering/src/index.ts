/** What has a request used, all its choices together, and of which time is usage reported? */
export { usageOfRequest, type UsageOfChoice } from './usage-of-request.js';
export { usagePeriod, type UsageInterval, type UsagePeriod } from './usage-period.js';
