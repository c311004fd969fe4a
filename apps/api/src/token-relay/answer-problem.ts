import type { JobOutcome } from '@millrace/domain/claim';
import type { ApiProblem } from '../http/api-error.js';

/** Why a job's outcome is no answer. */
export function problemOf(outcome: Exclude<JobOutcome, { kind: 'completed' }>): ApiProblem {
  switch (outcome.kind) {
    case 'cancelled':
      // A caller who left hears nothing; what else cancels is the stop of this process.
      return { kind: 'not_ready', reasons: ['the server is stopping and has cut the answer short; send it again'] };
    case 'expired':
      // Told by the deadline that passed; this is the net below it.
      return { kind: 'generation_failed', message: 'The request has waited too long.' };
    case 'failed':
      return failureProblem(outcome);
  }
}

function failureProblem({ reason, message }: Extract<JobOutcome, { kind: 'failed' }>): ApiProblem {
  switch (reason) {
    case 'context_length_exceeded':
      return { kind: 'context_length_exceeded', message };
    case 'invalid_request':
      return { kind: 'invalid_request', error: { message, param: 'messages', code: 'invalid_value' } };
    case 'engine_crashed':
    case 'engine_hung':
    case 'engine_error':
    case 'runner_lost':
    case 'runner_stopping':
      return { kind: 'generation_failed', message: `Every attempt to generate the answer failed. ${message}` };
  }
}
