/** How much of its limits has a tenant used, all API processes together? The only lib that knows the counters in Redis. */
export {
  LimitCounters,
  LEASE_MS,
  type CountedLevel,
  type Hold,
  type HoldAnswer,
  type HoldRequest,
} from './limit-counters.js';
