/** Who may work on a job right now, and what follows when a runner or the caller speaks? */
export { deadlineLimitMs, passedDeadline, shortenDeadlines, type Deadline, type Deadlines } from './deadlines.js';
export { decide } from './decide.js';
export {
  initialState,
  type Effect,
  type Failure,
  type FailureReason,
  type GoneReason,
  type JobEvent,
  type JobOutcome,
  type JobState,
} from './job-state.js';
