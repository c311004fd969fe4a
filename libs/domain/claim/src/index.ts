/** Who may work on a job right now, and what follows when a runner or the caller speaks? */
export { decide } from './decide.js';
export {
  initialState,
  type Effect,
  type FailureReason,
  type GoneReason,
  type JobEvent,
  type JobOutcome,
  type JobState,
} from './job-state.js';
