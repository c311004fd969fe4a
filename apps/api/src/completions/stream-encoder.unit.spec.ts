import fc from 'fast-check';
import { publishedSchema } from '@millrace/contracts/openai';
import type { AnswerPiece, JobUsage } from '../queueing/owned-job.js';
import type { AnswerForm } from './answer-form.js';
import { DONE_EVENT, errorEvent, queuedComment } from './chat-response.js';
import { StreamEncoder } from './stream-encoder.js';

const identity = { id: 'ses_01', createdAtMs: 1_700_000_000_999, model: 'org/"odd":8b' };
const usage: JobUsage = { promptTokens: 11, cachedTokens: 4, completionTokens: 7 };
const schema = publishedSchema('CreateChatCompletionStreamResponse');

interface Delta {
  role?: string;
  content?: string;
  reasoning_content?: string;
  tool_calls?: { index: number; id?: string; function: { name?: string; arguments: string } }[];
  function_call?: { name?: string; arguments: string };
}

interface Chunk {
  choices: { index: number; delta: Delta; finish_reason: string | null; logprobs: unknown }[];
  usage?: unknown;
}

const plain: AnswerForm = { tools: [undefined], logprobs: false, asFunctions: false, includeUsage: false };
const offered = { names: new Set(['weather']), parallel: true, idPrefix: 'call_01' };
const piece = (text: string, logprobs: AnswerPiece['logprobs'] = []): AnswerPiece => ({
  tokenIds: [1],
  text,
  logprobs,
});

/** The payloads of well-formed events. */
function readEvents(text: string): Chunk[] {
  const events = text.split('\n\n');
  expect(events.pop()).toBe('');
  return events.map((event) => {
    expect(event.startsWith('data: ')).toBe(true);
    expect(event).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
    const chunk = JSON.parse(event.slice('data: '.length)) as Chunk;
    expect(chunk).toMatchObject({ id: 'ses_01', created: 1_700_000_000, model: 'org/"odd":8b' });
    return chunk;
  });
}

/** A stream of one choice, as the published schema says. */
function stream(pieces: readonly (string | AnswerPiece)[], form: Partial<AnswerForm> = {}): Chunk[] {
  const chunks = encode(pieces, form);
  for (const chunk of chunks) expect(schema.safeParse(chunk).error).toBeUndefined();
  return chunks;
}

function encode(pieces: readonly (string | AnswerPiece)[], form: Partial<AnswerForm> = {}): Chunk[] {
  const encoder = new StreamEncoder(identity, { ...plain, ...form });
  const texts = pieces.map((one) => encoder.encode(0, [typeof one === 'string' ? piece(one) : one])).join('');
  const events = encoder.first() + texts + encoder.finish(0, 'stop') + encoder.end(usage);
  expect(events.endsWith(DONE_EVENT)).toBe(true);
  return readEvents(events.slice(0, -DONE_EVENT.length));
}

function joinContent(chunks: readonly Chunk[]): string {
  return chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
}

describe('a stream', () => {
  it('names the role once, first, and finishes once, last, with an empty delta', () => {
    const chunks = stream(['Pa', 'ris']);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.role)).toEqual(['assistant', undefined, undefined, undefined]);
    expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason)).toEqual([null, null, null, 'stop']);
    expect(chunks.at(-1)?.choices[0]?.delta).toEqual({});
  });

  it('has no usage unless asked, then null everywhere but in a last chunk without choices', () => {
    expect(stream(['x']).every((chunk) => !('usage' in chunk))).toBe(true);
    const asked = stream(['x'], { includeUsage: true });
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
        const chunks = encode(pieces);
        expect(joinContent(chunks)).toBe(text);
        for (const chunk of chunks) expect(chunk.choices[0]?.delta.content ?? '').not.toMatch(/\p{Surrogate}/u);
      }),
    );
  });

  it('replaces a character that was never completed', () => {
    expect(joinContent(stream(['a\ud83d']))).toBe('a\ufffd');
  });

  it('keeps line ends of every kind inside one event', () => {
    const text = 'a\nb\r\nc\u2028d\u2029e\u0085f';
    expect(joinContent(stream([text]))).toBe(text);
  });

  it('ends with [DONE], or with one error', () => {
    expect(DONE_EVENT).toBe('data: [DONE]\n\n');
    const envelope = { error: { message: 'a\nb', type: 'server_error', param: null, code: null } };
    expect(errorEvent(envelope)).toBe(`data: ${JSON.stringify(envelope)}\n\n`);
  });

  it('tells a waiting caller the place in the queue in a comment', () => {
    expect(queuedComment({ position: 3, etaMs: 2_149 })).toBe(': queued position=3 eta=2.1s\n\n');
    expect(queuedComment({ position: 3 })).toBe(': queued position=3\n\n');
    expect(queuedComment({})).toBe(': queued\n\n');
  });
});

describe('a stream of several choices', () => {
  it('has one role, one finish and an index for each, interleaved as they come, and one usage', () => {
    const form = { ...plain, tools: [undefined, undefined], includeUsage: true };
    const encoder = new StreamEncoder(identity, form);
    let events = encoder.first() + encoder.encode(1, [piece('B')]) + encoder.encode(0, [piece('A')]);
    events += encoder.finish(1, 'length') + encoder.encode(0, [piece('a')]) + encoder.finish(0, 'stop');
    const chunks = readEvents((events + encoder.end(usage)).slice(0, -DONE_EVENT.length));
    const seen = chunks.map(({ choices: [choice] }) => [choice?.index, choice?.delta.content, choice?.finish_reason]);
    expect(seen).toEqual([
      [0, '', null],
      [1, '', null],
      [1, 'B', null],
      [0, 'A', null],
      [1, undefined, 'length'],
      [0, 'a', null],
      [0, undefined, 'stop'],
      [undefined, undefined, undefined],
    ]);
  });
});

describe('a streamed tool call', () => {
  const pieces = ['Let me see. <tool_call>{"name": "weather", "arguments": ', '{"city": "Pa', 'ris"}}</tool_', 'call>'];

  it('has its id, type and name in its first delta only, arguments that join to JSON, and its own finish', () => {
    const chunks = stream(pieces, { tools: [offered] });
    expect(joinContent(chunks)).toBe('Let me see.');
    const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(deltas[0]).toEqual({
      index: 0,
      id: 'call_010',
      type: 'function',
      function: { name: 'weather', arguments: '' },
    });
    expect(deltas.slice(1)).toEqual([
      { index: 0, function: { arguments: '{"city": "Pa' } },
      { index: 0, function: { arguments: 'ris"}' } },
    ]);
    expect(chunks.at(-1)?.choices[0]).toMatchObject({ delta: {}, finish_reason: 'tool_calls' });
  });

  it("has OpenAI's older form where functions were asked for", () => {
    const chunks = stream(pieces, { tools: [{ ...offered, parallel: false }], asFunctions: true });
    const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta.function_call ?? []);
    expect(deltas[0]).toEqual({ name: 'weather', arguments: '' });
    expect(deltas.map((delta) => delta.arguments).join('')).toBe('{"city": "Paris"}');
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('function_call');
  });

  it('is content where no tools were asked for', () => {
    expect(joinContent(stream(pieces))).toBe(pieces.join(''));
    expect(stream(pieces).at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });
});

describe('streamed reasoning', () => {
  it('comes before the content in deltas of its own and is counted', () => {
    const chunks = stream(['<think>', 'Hm', ', yes.', '</think>', '\n\nParis', '.'], { includeUsage: true });
    const last = chunks.pop();
    const kinds = chunks.map(({ choices }) => Object.keys(choices[0]?.delta ?? {})[0]);
    expect(kinds).toEqual(['role', 'reasoning_content', 'reasoning_content', 'content', 'content', undefined]);
    expect(chunks.map(({ choices }) => choices[0]?.delta.reasoning_content ?? '').join('')).toBe('Hm, yes.');
    expect(joinContent(chunks)).toBe('Paris.');
    expect(last?.usage).toMatchObject({ completion_tokens_details: { reasoning_tokens: 4 } });
  });
});

describe('streamed log probabilities', () => {
  const token = (text: string) => ({ token: Buffer.from(text), logprob: -0.5, top: [] });

  it('come with the content of their tokens', () => {
    const chunks = stream([piece('Pa', [token('Pa')]), piece('ris', [token('r'), token('is')])], { logprobs: true });
    const entry = (text: string) => ({ token: text, logprob: -0.5, bytes: [...Buffer.from(text)], top_logprobs: [] });
    expect(chunks.map(({ choices }) => choices[0]?.logprobs)).toEqual([
      null,
      { content: [entry('Pa')], refusal: null },
      { content: [entry('r'), entry('is')], refusal: null },
      null,
    ]);
  });

  it('of a held text wait for it, and those of a call go with none', () => {
    const call = '<tool_call>{"name":"weather","arguments":{}}</tool_call>';
    const pieces = [
      piece('A', [token('A')]),
      piece(' ', [token(' ')]),
      piece('b', [token('b')]),
      piece(call, [token('x')]),
    ];
    const chunks = stream(pieces, { tools: [offered], logprobs: true });
    const texts = chunks.flatMap(({ choices }) => {
      const logprobs = choices[0]?.logprobs as { content: { token: string }[] } | null;
      return logprobs ? [logprobs.content.map((one) => one.token).join('')] : [];
    });
    expect(texts).toEqual(['A', ' b']);
  });
});
