import { shortenDeadlines, type Deadlines } from '@millrace/domain/claim';
import { newId } from '@millrace/platform/ids';
import type { ChatCall } from '../completions/complete-chat-port.js';
import { jobPayloads, MOST_TOKENS } from './job-payload.js';
import type { JobSpec } from './owned-job.js';

/** Bytes of text one token stands for, roughly, in the languages and tokenizers in use; only the runner counts. */
const BYTES_PER_TOKEN = 4;
/** Tokens an answer is taken to need when the caller sets no limit; settled by what it really used. */
const USUAL_ANSWER_TOKENS = 256;

/**
 * The jobs that serve a call, one for each choice of its answer; `deadlines` are those of the installation, which a
 * deployment may override.
 */
export function jobSpecs(call: ChatCall, deadlines: Deadlines): JobSpec[] {
  const { request, principal, deployment } = call;
  const promptTokensEstimate = estimatePromptTokens(call);
  return jobPayloads(request, call.receivedAtMs).map((payload) => ({
    jobId: newId('ses'),
    tenantId: principal.tenantId,
    deploymentId: deployment.deploymentId,
    promptTokensEstimate,
    answerTokensEstimate: Math.min(MOST_TOKENS, request.maxCompletionTokens ?? USUAL_ANSWER_TOKENS),
    payload,
    ...shortenDeadlines({ ...deadlines, ...deployment.deadlines }, call.deadlines),
  }));
}

function estimatePromptTokens({ request }: ChatCall): number {
  return Math.ceil(promptBytes(request) / BYTES_PER_TOKEN);
}

/** The length of all that becomes the prompt, as UTF-8. */
export function promptBytes({ messages, toolUse }: ChatCall['request']): number {
  let bytes = 0;
  for (const { text, toolCalls } of messages) {
    bytes += Buffer.byteLength(text);
    if (toolCalls) bytes += Buffer.byteLength(JSON.stringify(toolCalls));
  }
  if (toolUse) bytes += Buffer.byteLength(JSON.stringify(toolUse.tools));
  return bytes;
}
