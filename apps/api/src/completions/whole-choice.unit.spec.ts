import { publishedSchema } from '@millrace/contracts/openai';
import type { AnswerPiece } from '../queueing/owned-job.js';
import type { AnswerForm } from './answer-form.js';
import { chatCompletion } from './chat-response.js';
import { WholeChoice } from './whole-choice.js';

const plain: AnswerForm = { tools: [undefined], logprobs: false, asFunctions: false, includeUsage: false };
const tools = [{ names: new Set(['weather', 'news']), parallel: true, idPrefix: 'call_01' }];
const calls =
  '<tool_call>{"name":"weather","arguments":{"city":"Paris"}}</tool_call>\n' +
  '<tool_call>{"name":"news","arguments":{}}</tool_call>';
const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 1, reasoningTokens: 0 };

function answer(text: string | AnswerPiece[], form: Partial<AnswerForm> = {}) {
  const choice = new WholeChoice(0, { ...plain, ...form });
  const pieces = typeof text === 'string' ? [{ tokenIds: [1], text, logprobs: [] }] : text;
  for (const piece of pieces) choice.piece(piece);
  const written = choice.finish('stop');
  const body = chatCompletion({ id: 'ses_01', createdAtMs: 0, model: 'm' }, [written], usage);
  expect(publishedSchema('CreateChatCompletionResponse').safeParse(body).error).toBeUndefined();
  return { ...written, reasoningTokens: choice.reasoningTokens };
}

describe('a choice of a plain answer', () => {
  it('has a refusal and log probabilities that are null', () => {
    const { message, logprobs, finish_reason } = answer('Paris.');
    expect(message).toEqual({ role: 'assistant', content: 'Paris.', refusal: null });
    expect({ logprobs, finish_reason }).toEqual({ logprobs: null, finish_reason: 'stop' });
  });

  it('has the calls that the model makes, no content beside them, and their own finish', () => {
    const { message, finish_reason } = answer(calls, { tools });
    expect(message).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      tool_calls: [
        { id: 'call_010', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } },
        { id: 'call_011', type: 'function', function: { name: 'news', arguments: '{}' } },
      ],
    });
    expect(finish_reason).toBe('tool_calls');
    expect(answer(`Look: ${calls}`, { tools }).message.content).toBe('Look:');
  });

  it("has OpenAI's older form where functions were asked for", () => {
    const { message, finish_reason } = answer(calls, { tools, asFunctions: true });
    expect(message.function_call).toEqual({ name: 'weather', arguments: '{"city":"Paris"}' });
    expect(message.tool_calls).toBeUndefined();
    expect(finish_reason).toBe('function_call');
  });

  it('has the reasoning apart and counts its tokens', () => {
    const pieces = ['<think>', 'Hm.', '</think>', 'Paris.'].map((text) => ({ tokenIds: [1], text, logprobs: [] }));
    const { message, reasoningTokens } = answer(pieces);
    expect(message).toMatchObject({ content: 'Paris.', reasoning_content: 'Hm.' });
    expect(reasoningTokens).toBe(3);
  });

  it('has log probabilities whose tokens join to the content, as text and as bytes', () => {
    const euro = [...Buffer.from('€')];
    const token = (bytes: number[]) => ({
      token: Uint8Array.from(bytes),
      logprob: -0.25,
      top: [{ token: Uint8Array.from([0x41]), logprob: Number.NEGATIVE_INFINITY }],
    });
    const logprobs = [token([0x35, 0x20]), token(euro.slice(0, 2)), token([...euro.slice(2), 0x21])];
    const written = answer([{ tokenIds: [1, 2, 3], text: '5 €!', logprobs }], { logprobs: true }).logprobs;
    expect(written?.refusal).toBeNull();
    expect(written?.content.map(({ token: text }) => text)).toEqual(['5 ', '\\xe2\\x82', '\\xac!']);
    expect(Buffer.from(written?.content.flatMap(({ bytes }) => bytes) ?? []).toString()).toBe('5 €!');
    expect(written?.content[0]).toMatchObject({
      logprob: -0.25,
      top_logprobs: [{ token: 'A', logprob: -9999, bytes: [0x41] }],
    });
  });
});
