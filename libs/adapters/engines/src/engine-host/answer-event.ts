import type { EngineErrorCode, GenerateEvent, GenerateUsage, TokenLogprob } from '../engine-driver.js';

/** One step of the answer with this id, between host and driver. Chunks arrive in order; nothing follows the end. */
export type AnswerEvent =
  | { id: number; kind: 'chunk'; tokenIds: number[]; text: string; logprobs?: LogprobInTransit[] }
  | { id: number; kind: 'finished'; reason: 'stop' | 'length' | 'cancelled'; usage: GenerateUsage }
  | { id: number; kind: 'failed'; code: EngineErrorCode; message: string; param?: string };

/** A TokenLogprob whose bytes are the characters of a latin1 string: the channel carries JSON. */
interface LogprobInTransit {
  token: string;
  logprob: number;
  top: { token: string; logprob: number }[];
}

/** What a host sends for an event of its engine. */
export function toTransit(id: number, event: GenerateEvent): AnswerEvent {
  if (event.kind === 'finished' || event.logprobs === undefined) return { id, ...event } as AnswerEvent;
  const asText = (token: Uint8Array): string => Buffer.from(token).toString('latin1');
  return { id, ...event, logprobs: event.logprobs.map((each) => withTokens(each, asText)) };
}

/** What the engine said, from what its host sent. */
export function fromTransit(event: Exclude<AnswerEvent, { kind: 'failed' }>): GenerateEvent {
  if (event.kind === 'finished') return { kind: 'finished', reason: event.reason, usage: event.usage };
  const { kind, tokenIds, text, logprobs } = event;
  if (logprobs === undefined) return { kind, tokenIds, text };
  const asBytes = (token: string): Uint8Array => Buffer.from(token, 'latin1');
  return { kind, tokenIds, text, logprobs: logprobs.map((each): TokenLogprob => withTokens(each, asBytes)) };
}

interface WithTokens<Token> {
  token: Token;
  logprob: number;
  top: { token: Token; logprob: number }[];
}

function withTokens<From, To>({ token, logprob, top }: WithTokens<From>, convert: (token: From) => To): WithTokens<To> {
  return {
    token: convert(token),
    logprob,
    top: top.map((other) => ({ token: convert(other.token), logprob: other.logprob })),
  };
}
