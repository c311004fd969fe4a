import fc from 'fast-check';
import { accept, body, refuse } from '../test/chat-bodies.js';
import { parseChatRequest } from './index.js';

/** A bias for each of so many tokens. */
const biases = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, token) => [token, 1]));

describe('a chat completion request', () => {
  it("gets OpenAI's defaults for what is left out", () => {
    expect(accept(body())).toEqual({
      model: 'millrace-tiny',
      messages: [{ role: 'user', text: 'What is the capital of France?' }],
      stream: false,
      includeUsage: false,
      temperature: 1,
      topP: 1,
      stop: [],
      choices: 1,
      presencePenalty: 0,
      frequencyPenalty: 0,
      logitBias: {},
    });
  });

  it('carries every parameter that is served', () => {
    const request = accept(
      body({
        stream: true,
        stream_options: { include_usage: true },
        temperature: 0,
        top_p: 0.5,
        max_tokens: 7,
        stop: ['END', '\n'],
        seed: -9_007_199_254_740_991,
        n: 128,
        presence_penalty: -2,
        frequency_penalty: 2,
        logit_bias: { '50256': -100, '7': 0.5 },
        logprobs: true,
        top_logprobs: 20,
      }),
    );
    expect(request).toMatchObject({ stream: true, includeUsage: true, temperature: 0, topP: 0.5 });
    expect(request).toMatchObject({ choices: 128, presencePenalty: -2, frequencyPenalty: 2, topLogprobs: 20 });
    expect(request.logitBias).toEqual({ 7: 0.5, 50256: -100 });
    expect(accept(body({ logit_bias: biases(1_024) })).logitBias).toEqual(biases(1_024));
    expect(request).toMatchObject({ maxCompletionTokens: 7, stop: ['END', '\n'], seed: -9_007_199_254_740_991 });
  });

  it('takes null for every parameter as absent', () => {
    const names = [
      ...['stream', 'stream_options', 'temperature', 'top_p', 'max_tokens', 'max_completion_tokens', 'stop', 'seed'],
      ...['n', 'tools', 'tool_choice', 'functions', 'function_call', 'response_format', 'logprobs', 'top_logprobs'],
      ...['logit_bias', 'presence_penalty', 'frequency_penalty', 'modalities', 'audio', 'prediction', 'user'],
      ...['metadata', 'store', 'service_tier', 'parallel_tool_calls', 'reasoning_effort', 'web_search_options'],
    ];
    expect(accept(body(Object.fromEntries(names.map((name) => [name, null]))))).toEqual(accept(body()));
  });

  it('ignores unknown top-level fields', () => {
    expect(accept(body({ frobnicate: { deep: true }, __proto__: 1 }))).toEqual(accept(body()));
  });

  it('prefers max_completion_tokens over max_tokens', () => {
    expect(accept(body({ max_tokens: 5, max_completion_tokens: 9 })).maxCompletionTokens).toBe(9);
  });

  it('takes 0 as a value, not as absent', () => {
    const request = accept(body({ temperature: 0, top_p: 0, seed: 0, logprobs: true, top_logprobs: 0 }));
    expect(request).toMatchObject({ temperature: 0, topP: 0, seed: 0, topLogprobs: 0 });
    expect(accept(body({ logprobs: true })).topLogprobs).toBe(0);
    expect(accept(body({ logprobs: false })).topLogprobs).toBeUndefined();
  });

  it('may leave its model out where there is another to take, and has to name a valid one otherwise', () => {
    const modelOf = (model: unknown) => parseChatRequest(body({ model }), { defaultModel: 'fixed' });
    for (const absent of [undefined, null]) expect(modelOf(absent)).toMatchObject({ asked: { model: 'fixed' } });
    expect(modelOf('mine')).toMatchObject({ asked: { model: 'mine' } });
    expect(modelOf(5)).toMatchObject({ error: { param: 'model', code: 'invalid_type' } });
    expect(modelOf('')).toMatchObject({ error: { param: 'model', code: 'string_below_min_length' } });
  });

  it('leaves open what of the sampling its caller leaves open', () => {
    const parsed = parseChatRequest(body({ temperature: null, top_p: 0 }));
    expect(parsed).toMatchObject({ asked: { topP: 0 } });
    for (const open of ['temperature', 'stop', 'seed']) expect(parsed).not.toHaveProperty(['asked', open]);
  });

  it('takes one stop sequence without an array', () => {
    expect(accept(body({ stop: 'END' })).stop).toEqual(['END']);
  });

  it.each([
    ...[{ n: 1 }, { tools: [] }, { tool_choice: 'none' }, { tool_choice: 'auto' }, { functions: [] }],
    ...[{ function_call: 'auto' }, { response_format: { type: 'text' } }, { logprobs: false }],
    ...[{ modalities: ['text'] }, { logit_bias: {} }, { presence_penalty: 0 }, { frequency_penalty: 0 }],
    ...[{ user: 'u-1' }, { metadata: { team: 'red' } }, { parallel_tool_calls: false }, { seed: 0 }, { top_p: 0 }],
    ...[{ store: true }, { service_tier: 'flex' }, { reasoning_effort: 'low' }, { verbosity: 'high' }],
    ...[{ prompt_cache_key: 'k' }, { safety_identifier: 's' }, { temperature: 2 }, { top_p: 1 }],
  ])('accepts %j', (changes) => {
    expect(accept(body(changes)).model).toBe('millrace-tiny');
  });

  it('names accepted parameters that change nothing, unless they ask for nothing', () => {
    const loud = parseChatRequest(body({ store: true, reasoning_effort: 'high', service_tier: 'auto' }));
    expect(loud).toMatchObject({ ok: true, warnings: ['store', 'reasoning_effort'] });
    expect(parseChatRequest(body({ store: false, metadata: {} }))).toMatchObject({ ok: true, warnings: [] });
  });
});

describe('a parameter that is not served yet is refused by name', () => {
  it.each([
    ['modalities', ['text', 'audio']],
    ['audio', { voice: 'alloy', format: 'wav' }],
    ['prediction', { type: 'content', content: 'x' }],
    ['web_search_options', {}],
    ['moderation', { model: 'm' }],
  ])('%s: %j', (name, value) => {
    const error = refuse(body({ [name]: value }));
    expect(error).toMatchObject({ param: name, code: 'unsupported_parameter' });
    expect(error.message).toContain(`'${name}'`);
  });
});

describe('values out of bounds or of a wrong type are refused with their path', () => {
  it.each([
    ['model', 'missing_required_parameter', undefined],
    ['model', 'missing_required_parameter', null],
    ['model', 'invalid_type', 5],
    ['model', 'string_below_min_length', ''],
    ['temperature', 'decimal_above_max_value', 2.1],
    ['temperature', 'decimal_below_min_value', -0.1],
    ['temperature', 'invalid_type', '1'],
    ['temperature', 'invalid_type', Infinity],
    ['top_p', 'decimal_above_max_value', 1.01],
    ['top_p', 'decimal_below_min_value', -1],
    ['max_tokens', 'integer_below_min_value', 0],
    ['max_tokens', 'invalid_type', 1.5],
    ['max_completion_tokens', 'integer_below_min_value', -4],
    ['seed', 'invalid_type', 0.5],
    ['seed', 'integer_above_max_value', 2 ** 53],
    ['n', 'integer_below_min_value', 0],
    ['n', 'integer_above_max_value', 129],
    ['presence_penalty', 'decimal_above_max_value', 2.5],
    ['frequency_penalty', 'decimal_below_min_value', -2.5],
    ['top_logprobs', 'integer_above_max_value', 21],
    ['stop', 'array_above_max_length', ['a', 'b', 'c', 'd', 'e']],
    ['stop', 'invalid_type', 5],
    ['stop[0]', 'string_below_min_length', ''],
    ['stop[1]', 'invalid_type', ['a', 2]],
    ['stream', 'invalid_type', 'yes'],
    ['stream_options', 'invalid_type', true],
    ['stream_options.include_usage', 'invalid_type', { include_usage: 'yes' }],
    ['stream_options', 'invalid_value', {}],
    ['logprobs', 'invalid_type', 2],
    ['top_logprobs', 'invalid_value', 0],
    ['logit_bias.17', 'decimal_above_max_value', { '17': 101 }],
    ['logit_bias.17', 'decimal_below_min_value', { '17': -101 }],
    ['logit_bias', 'object_above_max_properties', biases(1_025)],
    ['logit_bias', 'invalid_type', 5],
    ['logit_bias', 'invalid_type', ['7']],
    ['logit_bias.foo', 'invalid_value', { foo: 0 }],
    ['user', 'invalid_type', 3],
    ['metadata.team', 'invalid_type', { team: 3 }],
  ])('%s: %s', (param, code, value) => {
    const name = param.split(/[.[]/)[0] ?? '';
    const error = refuse(body({ [name]: value }));
    expect(error).toMatchObject({ param, code });
    expect(error.message).toContain(`'${param}'`);
  });

  it('says what a key of logit_bias has to be', () => {
    expect(refuse(body({ logit_bias: { foo: 0 } })).message).toContain('expected token ids as keys');
  });

  it.each([
    ['a string', 'hello'],
    ['an empty array', []],
    ['null', null],
    ['nothing', undefined],
    ['an integer', 4],
  ])('a body that is %s', (_, candidate) => {
    expect(refuse(candidate)).toMatchObject({ param: null, code: 'invalid_type' });
  });

  it('never repeats a text of the request', () => {
    const texts = fc.string({ minLength: 12 }).filter((text) => /^[A-Za-z0-9]+$/.test(text));
    const misplaced = fc.constantFrom('temperature', 'stop_', 'messages', 'stream', 'seed', 'metadata', 'logit_bias');
    fc.assert(
      fc.property(texts, misplaced, (text, name) => {
        const parsed = parseChatRequest(body({ [name]: text }));
        expect(JSON.stringify(parsed.ok ? '' : parsed.error)).not.toContain(text);
      }),
    );
  });

  it('answers every JSON value without throwing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (messages, stop) => {
        expect(typeof parseChatRequest(body({ messages, stop })).ok).toBe('boolean');
        expect(typeof parseChatRequest(messages).ok).toBe('boolean');
      }),
    );
  });

  it('does not repeat a long key whole when its value is wrong', () => {
    const { param, message } = refuse(body({ metadata: { ['k'.repeat(5_000)]: 5 } }));
    expect(param).toMatch(/^metadata\.k{190,}$/);
    expect(message.length).toBeLessThan(400);
  });
});
