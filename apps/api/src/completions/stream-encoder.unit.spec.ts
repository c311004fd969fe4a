import fc from 'fast-check';
import { publishedSchema } from '@millrace/contracts/openai';
import { DONE_EVENT, errorEvent, queuedComment, type ChatUsage } from './chat-response.js';
import { StreamEncoder } from './stream-encoder.js';

const identity = { id: 'ses_01', createdAtMs: 1_700_000_000_999, model: 'org/"odd":8b' };
const usage: ChatUsage = { promptTokens: 11, cachedTokens: 4, completionTokens: 7, reasoningTokens: 2 };

interface Chunk {
  choices: { delta: { role?: string; content?: string }; finish_reason: string | null }[];
  usage?: unknown;
}

/** The payloads of well-formed events. */
function readEvents(text: string): Chunk[] {
  const events = text.split('\n\n');
  expect(events.pop()).toBe('');
  return events.map((event) => {
    expect(event.startsWith('data: ')).toBe(true);
    expect(event).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
    return JSON.parse(event.slice('data: '.length)) as Chunk;
  });
}

function stream(pieces: readonly string[], includeUsage: boolean): Chunk[] {
  const encoder = new StreamEncoder(identity, { choices: 1, includeUsage });
  const texts = pieces.map((text) => encoder.encode(0, [{ tokenIds: [], text, logprobs: [] }])).join('');
  const events = encoder.first() + texts + encoder.finish(0, 'stop') + encoder.end(usage);
  expect(events.endsWith(DONE_EVENT)).toBe(true);
  return readEvents(events.slice(0, -DONE_EVENT.length));
}

function joinContent(chunks: readonly Chunk[]): string {
  return chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
}

describe('a stream', () => {
  it('has chunks as the published schema says, with one identity', () => {
    const schema = publishedSchema('CreateChatCompletionStreamResponse');
    for (const chunk of [...stream(['Pa', 'ris'], true), ...stream(['Pa', 'ris'], false)]) {
      expect(schema.safeParse(chunk).error).toBeUndefined();
      expect(chunk).toMatchObject({ id: 'ses_01', created: 1_700_000_000, model: 'org/"odd":8b' });
    }
  });

  it('names the role once, first, and finishes once, last, with an empty delta', () => {
    const chunks = stream(['Pa', 'ris'], false);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.role)).toEqual(['assistant', undefined, undefined, undefined]);
    expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason)).toEqual([null, null, null, 'stop']);
    expect(chunks.at(-1)?.choices[0]?.delta).toEqual({});
  });

  it('has no usage unless asked, then null everywhere but in a last chunk without choices', () => {
    expect(stream(['x'], false).every((chunk) => !('usage' in chunk))).toBe(true);
    const asked = stream(['x'], true);
    const last = asked.pop();
    expect(asked.every((chunk) => chunk.usage === null)).toBe(true);
    expect(last).toMatchObject({ choices: [], usage: { total_tokens: 18 } });
  });

  it('joins to the text, whatever the pieces, and never splits a character', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat({ max: 40 })), (text, cuts) => {
        const bounds = [0, ...cuts, text.length].sort((one, other) => one - other);
        const pieces = bounds.slice(1).map((bound, index) => text.slice(bounds[index], bound));
        const chunks = stream(pieces, false);
        expect(joinContent(chunks)).toBe(text);
        for (const chunk of chunks) expect(chunk.choices[0]?.delta.content ?? '').not.toMatch(/\p{Surrogate}/u);
      }),
    );
  });

  it('replaces a character that was never completed', () => {
    expect(joinContent(stream(['a\ud83d'], false))).toBe('a\ufffd');
  });

  it('keeps line ends of every kind inside one event', () => {
    const text = 'a\nb\r\nc\u2028d\u2029e\u0085f';
    expect(joinContent(stream([text], false))).toBe(text);
  });

  it('ends with [DONE], or with one error', () => {
    expect(DONE_EVENT).toBe('data: [DONE]\n\n');
    const envelope = { error: { message: 'a\nb', type: 'server_error', param: null, code: null } };
    expect(readEvents(errorEvent(envelope))).toEqual([envelope]);
  });

  it('tells a waiting caller the place in the queue in a comment', () => {
    expect(queuedComment(3, 2_149)).toBe(': queued position=3 eta=2.1s\n\n');
  });
});
