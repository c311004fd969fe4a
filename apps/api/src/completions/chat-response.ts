import type { ChatCompletion, CompletionUsage, ErrorEnvelope, FinishReason } from '@millrace/contracts/openai';

/** What every part of one answer repeats. */
export interface ChatIdentity {
  id: string;
  createdAtMs: number;
  model: string;
}

/** Tokens as the model's tokenizer counts them. */
export interface ChatUsage {
  promptTokens: number;
  /** Of the prompt tokens, those that were in the replica's cache. */
  cachedTokens: number;
  completionTokens: number;
  /** Of the completion tokens, those of reasoning. */
  reasoningTokens: number;
}

/** The plain answer. */
export function chatCompletion(
  identity: ChatIdentity,
  answer: { text: string; finishReason: FinishReason; usage: ChatUsage },
): ChatCompletion {
  return {
    id: identity.id,
    object: 'chat.completion',
    created: Math.floor(identity.createdAtMs / 1_000),
    model: identity.model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer.text, refusal: null },
        logprobs: null,
        finish_reason: answer.finishReason,
      },
    ],
    usage: usageOnWire(answer.usage),
  };
}

function usageOnWire(usage: ChatUsage): CompletionUsage {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}

/**
 * Writes the events of one streamed answer; what they share is prepared once, so that a chunk costs one JSON string.
 * Order: first, any number of text, finish, with `includeUsage` usage, then done.
 */
export class ChunkEncoder {
  private readonly head: string;
  private readonly tail: string;
  /** First half of a surrogate pair whose second half is still to come. */
  private held = '';

  constructor(
    identity: ChatIdentity,
    private readonly includeUsage: boolean,
  ) {
    const { id, model } = identity;
    const created = Math.floor(identity.createdAtMs / 1_000);
    const shared = JSON.stringify({ id, object: 'chat.completion.chunk', created, model });
    this.head = `data: ${shared.slice(0, -1)},"choices":[`;
    this.tail = includeUsage ? '],"usage":null}\n\n' : ']}\n\n';
  }

  /** The one chunk that names the role. */
  first(): string {
    return this.choice('{"role":"assistant","content":"","refusal":null}', null);
  }

  /** A piece of the answer; empty when the text ends within a character and nothing is ready to go. */
  text(text: string): string {
    const whole = this.held + text;
    const cut = isHighSurrogate(whole.charCodeAt(whole.length - 1)) ? whole.length - 1 : whole.length;
    this.held = whole.slice(cut);
    return cut === 0 ? '' : this.content(whole.slice(0, cut));
  }

  /** The finishing chunk, with an empty delta; a character that was never completed goes before it. */
  finish(reason: FinishReason): string {
    const rest = this.held === '' ? '' : this.content('\uFFFD');
    this.held = '';
    return rest + this.choice('{}', reason);
  }

  /** The usage chunk; empty unless the caller asked for it. */
  usage(usage: ChatUsage): string {
    if (!this.includeUsage) return '';
    return `${this.head}],"usage":${JSON.stringify(usageOnWire(usage))}}\n\n`;
  }

  private content(text: string): string {
    return this.choice(`{"content":${quote(text)}}`, null);
  }

  private choice(delta: string, reason: FinishReason | null): string {
    const finish = reason === null ? 'null' : `"${reason}"`;
    return `${this.head}{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}${this.tail}`;
  }
}

/** The last event of a stream that ended well. */
export const DONE_EVENT = 'data: [DONE]\n\n';

/** The last event of a stream that failed after its headers had gone out. */
export function errorEvent(envelope: ErrorEnvelope): string {
  return `data: ${JSON.stringify(envelope)}\n\n`;
}

/** A comment that keeps a waiting caller informed; clients ignore it. */
export function queuedComment(position: number, etaMs: number): string {
  return `: queued position=${String(position)} eta=${(etaMs / 1_000).toFixed(1)}s\n\n`;
}

/** Some clients take these for line ends; JSON may hold them plain. */
const unicodeLineEnds = /[\u0085\u2028\u2029]/;

function quote(text: string): string {
  const json = JSON.stringify(text);
  if (!unicodeLineEnds.test(json)) return json;
  return json.replace(/[\u0085\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
