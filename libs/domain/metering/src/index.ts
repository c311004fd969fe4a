/** What has a request used, all its choices together? */
export { usageOfRequest, type UsageOfChoice } from './usage-of-request.js';
