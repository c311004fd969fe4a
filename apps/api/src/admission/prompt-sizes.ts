import {
  estimatePromptTokens,
  fewestPromptTokens,
  learnTokensPerByte,
  type PromptSize,
  type SizedRequest,
} from '@millrace/domain/admission';
import type { ChatCall } from '../completions/complete-chat-port.js';
import { promptBytes } from '../queueing/job-spec.js';

/**
 * How many tokens prompts have, before their runner has counted them: learnt for each deployment from those that it
 * has. Owner of what this process has learnt.
 */
export class PromptSizes {
  private readonly tokensPerByte = new Map<string, number>();

  /** What decides how many tokens a call may use, and what takes its true count later. */
  measure({ request, deployment }: ChatCall): { sized: SizedRequest; learn: (countedTokens: number) => void } {
    const { maxCompletionTokens = 0, choices, messages } = request;
    const { contextLength, deploymentId } = deployment;
    const prompt = { messages: messages.length, bytes: promptBytes(request) };
    const sized = {
      promptTokens: estimatePromptTokens(prompt, this.tokensPerByte.get(deploymentId)),
      fewestPromptTokens: fewestPromptTokens(prompt),
      choices,
      // A lenient 0 asks for nothing.
      ...(maxCompletionTokens > 0 && { answerTokens: maxCompletionTokens }),
      ...(contextLength !== undefined && { contextLength }),
    };
    return { sized, learn: (countedTokens) => this.learn(deploymentId, prompt, countedTokens) };
  }

  private learn(deploymentId: string, prompt: PromptSize, countedTokens: number): void {
    const known = this.tokensPerByte.get(deploymentId);
    if (countedTokens > 0) this.tokensPerByte.set(deploymentId, learnTokensPerByte(known, prompt, countedTokens));
  }
}
