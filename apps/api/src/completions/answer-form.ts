import type { ChatRequest } from '@millrace/contracts/openai';
import type { OfferedTools } from '@millrace/domain/answer-parts';

/** How the choices of one answer are read and written. */
export interface AnswerForm {
  /** By choice; undefined where its text may call nothing. */
  tools: readonly (OfferedTools | undefined)[];
  /** Whether the tokens of the content come with log probabilities. */
  logprobs: boolean;
  /** Whether calls are written in OpenAI's older form, as `function_call`. */
  asFunctions: boolean;
  /** Whether a stream ends with the usage. */
  includeUsage: boolean;
}

/** The form that a request asks for; each choice is the answer of one job. */
export function answerForm(request: ChatRequest, jobIds: readonly string[]): AnswerForm {
  const { toolUse, topLogprobs, includeUsage } = request;
  const names = toolUse && new Set(toolUse.tools.map(({ name }) => name));
  return {
    tools: jobIds.map((jobId) => names && { names, parallel: toolUse.parallel, idPrefix: callIdPrefix(jobId) }),
    logprobs: topLogprobs !== undefined,
    asFunctions: toolUse?.asFunctions ?? false,
    includeUsage,
  };
}

/** The random part of the job's id, so that every attempt gives a call the same id. */
function callIdPrefix(jobId: string): string {
  return `call_${jobId.slice(jobId.indexOf('_') + 1)}`;
}
