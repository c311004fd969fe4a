import type { ChatRequest } from '@millrace/contracts/openai';
import { shortenDeadlines, type Deadlines } from '@millrace/domain/claim';
import { newId } from '@millrace/platform/ids';
import type { ChatCall } from '../completions/complete-chat-port.js';
import type { JobSpec } from './owned-job.js';

/** Bytes of text one token stands for, roughly, in the languages and tokenizers in use; only the runner counts. */
const BYTES_PER_TOKEN = 4;
/** Tokens an answer is taken to need when the caller sets no limit; settled by what it really used. */
const USUAL_ANSWER_TOKENS = 256;

/** The most a payload can say; no context holds as many, so a caller's larger limit means the same. */
const MOST_TOKENS = 2 ** 32 - 1;

/** The job that serves a call; `deadlines` are those of the installation, which a deployment may override. */
export function jobSpec(call: ChatCall, deadlines: Deadlines): JobSpec {
  const { request, principal, deployment } = call;
  const { temperature, topP, seed, stop } = request;
  const maxCompletionTokens = atMost(MOST_TOKENS, request.maxCompletionTokens);
  return {
    jobId: newId('ses'),
    tenantId: principal.tenantId,
    deploymentId: deployment.deploymentId,
    promptTokensEstimate: estimatePromptTokens(request),
    answerTokensEstimate: maxCompletionTokens ?? USUAL_ANSWER_TOKENS,
    payload: {
      messages: request.messages.map(({ role, text }) => ({
        role,
        content: text,
        name: '',
        toolCallId: '',
        toolCalls: [],
      })),
      sampling: { temperature, topP, seed, presencePenalty: 0, frequencyPenalty: 0, logitBias: {} },
      maxCompletionTokens: maxCompletionTokens ?? 0,
      stop,
      renderedAtMs: call.receivedAtMs,
      toolUse: undefined,
      outputFormat: undefined,
    },
    ...shortenDeadlines({ ...deadlines, ...deployment.deadlines }, call.deadlines),
  };
}

function estimatePromptTokens({ messages }: ChatRequest): number {
  const bytes = messages.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

function atMost(bound: number, limit: number | undefined): number | undefined {
  return limit === undefined ? undefined : Math.min(bound, limit);
}
