import type { TokenLogprobOnWire } from '@millrace/contracts/openai';
import type { TokenLogprob } from '@millrace/contracts/runner-protocol';

/** What stands for a probability of 0, whose logarithm JSON cannot say. */
const LEAST_LOGPROB = -9999;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One token with its alternatives as OpenAI's clients read them. */
export function logprobOnWire({ token, logprob, top }: TokenLogprob): TokenLogprobOnWire {
  return { ...entry(token, logprob), top_logprobs: top.map((other) => entry(other.token, other.logprob)) };
}

function entry(token: Uint8Array, logprob: number): { token: string; logprob: number; bytes: number[] } {
  return { token: tokenText(token), logprob: Math.max(LEAST_LOGPROB, logprob), bytes: [...token] };
}

/** A token that holds a part of a character only has its bytes written out, as OpenAI does: `\xe2\x82`. */
function tokenText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    ).join('');
  }
}
