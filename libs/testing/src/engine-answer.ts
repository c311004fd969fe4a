import { setMaxListeners } from 'node:events';
import type { EngineReplica, GenerateRequest, GenerateUsage, TokenLogprob } from '@millrace/adapters/engines';

/** A whole answer, with the text that stood after each chunk. */
export interface Answer {
  text: string;
  tokenIds: number[];
  chunks: { tokenIds: number[]; text: string; logprobs?: TokenLogprob[] }[];
  /** Of all chunks. */
  logprobs: TokenLogprob[];
  reason: string;
  usage: GenerateUsage;
}

export const NEVER = new AbortController().signal;
// Many answers listen at once.
setMaxListeners(0, NEVER);

/** What the tests know of the model. Both questions follow the same short system message. */
export interface EngineSubject {
  /** A question, what its answer holds, and nothing of chance in it at temperature 0. */
  known: { question: string; answer: string };
  /** A request whose answer has 60 tokens or more. */
  story: string;
}

/** A request at temperature 0 without limits. */
export function ask(question: string, more: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    messages: [
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: question },
    ],
    sampling: { temperature: 0, topP: 1 },
    stop: [],
    renderedAtMs: 0,
    deliveredTokenIds: [],
    deliveredBytes: 0,
    ...more,
  };
}

/** Reads an answer to its end. */
export async function read(replica: EngineReplica, request: GenerateRequest, signal = NEVER): Promise<Answer> {
  const chunks: Answer['chunks'] = [];
  for await (const event of replica.generate(request, signal)) {
    switch (event.kind) {
      case 'chunk':
        chunks.push(event);
        break;
      case 'finished':
        return {
          chunks,
          text: chunks.map((chunk) => chunk.text).join(''),
          tokenIds: chunks.flatMap((chunk) => chunk.tokenIds),
          logprobs: chunks.flatMap((chunk) => chunk.logprobs ?? []),
          reason: event.reason,
          usage: event.usage,
        };
    }
  }
  throw new Error('The answer ended without a finished event.');
}
