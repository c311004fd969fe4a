import type { ToolUse } from '@millrace/contracts/openai';
import type { Failure, JobOutcome } from '@millrace/domain/claim';
import type { ApiProblem } from '../http/api-error.js';

/** What of a request decides how its parameters are named. */
interface Asked {
  model: string;
  toolUse?: Pick<ToolUse, 'asFunctions'>;
}

/** Why a job's outcome is no answer to what was asked. */
export function problemOf(outcome: Exclude<JobOutcome, { kind: 'completed' }>, asked: Asked): ApiProblem {
  switch (outcome.kind) {
    case 'cancelled':
      // A caller who left hears nothing; what else cancels is an operator, or the stop of this process.
      return { kind: 'not_ready', reasons: ['the answer was cut short here, as the server stops or by an operator'] };
    case 'expired':
      // Told by the deadline that passed; this is the net below it.
      return { kind: 'generation_failed', message: 'The request has waited too long.' };
    case 'failed':
      return failureProblem(outcome, asked);
  }
}

function failureProblem({ reason, message, param = 'messages' }: Failure, { model, toolUse }: Asked): ApiProblem {
  switch (reason) {
    case 'context_length_exceeded':
      return { kind: 'context_length_exceeded', message };
    case 'invalid_request': {
      const named = toolUse?.asFunctions === true ? asOlderName(param) : param;
      return { kind: 'invalid_request', error: { message, param: named, code: 'invalid_value' } };
    }
    case 'unservable':
      return { kind: 'model_not_servable', model, reason: message };
    case 'engine_crashed':
    case 'engine_hung':
    case 'engine_error':
    case 'runner_lost':
    case 'runner_stopping':
      return { kind: 'generation_failed', message: `Every attempt to generate the answer failed. ${message}` };
  }
}

/** The name of a tool parameter for callers who sent `functions` in the place of `tools`. */
function asOlderName(param: string): string {
  return param
    .replace(/^tools\[(\d+)\]\.function/, 'functions[$1]')
    .replace(/^tools$/, 'functions')
    .replace(/^tool_choice$/, 'function_call');
}
