import type { ChatRequest } from '@millrace/contracts/openai';
import type { JobOutcome } from '@millrace/domain/claim';
import type { ApiProblem } from '../http/api-error.js';

/** What of a request an engine may find impossible, besides its messages. */
type Demands = Pick<ChatRequest, 'responseFormat' | 'toolUse'>;

/** Why a job's outcome is no answer to what was asked. */
export function problemOf(outcome: Exclude<JobOutcome, { kind: 'completed' }>, asked: Demands): ApiProblem {
  switch (outcome.kind) {
    case 'cancelled':
      // A caller who left hears nothing; what else cancels is the stop of this process.
      return { kind: 'not_ready', reasons: ['the server is stopping and has cut the answer short; send it again'] };
    case 'expired':
      // Told by the deadline that passed; this is the net below it.
      return { kind: 'generation_failed', message: 'The request has waited too long.' };
    case 'failed':
      return failureProblem(outcome, asked);
  }
}

function failureProblem({ reason, message }: Extract<JobOutcome, { kind: 'failed' }>, asked: Demands): ApiProblem {
  switch (reason) {
    case 'context_length_exceeded':
      return { kind: 'context_length_exceeded', message };
    case 'invalid_request':
      return { kind: 'invalid_request', error: { message, param: suspect(asked), code: 'invalid_value' } };
    case 'engine_crashed':
    case 'engine_hung':
    case 'engine_error':
    case 'runner_lost':
    case 'runner_stopping':
      return { kind: 'generation_failed', message: `Every attempt to generate the answer failed. ${message}` };
  }
}

/** The parameter that an engine most likely finds impossible: schemas fail more often than the order of messages. */
function suspect({ responseFormat, toolUse }: Demands): string {
  if (responseFormat?.type === 'json_schema') return 'response_format';
  return toolUse?.required === true ? 'tools' : 'messages';
}
