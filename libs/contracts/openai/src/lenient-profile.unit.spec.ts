import { body, refuse } from '../test/chat-bodies.js';
import { parseChatRequest } from './index.js';

/** What the tests of OpenAI's generated clients send, every parameter at once. */
const everything = body({
  audio: { format: 'wav', voice: 'string' },
  frequency_penalty: -2,
  function_call: 'none',
  functions: [{ name: 'name', description: 'description', parameters: { foo: 'bar' } }],
  logit_bias: { foo: 0 },
  logprobs: true,
  max_completion_tokens: 0,
  max_tokens: 0,
  metadata: { foo: 'string' },
  modalities: ['text'],
  n: 1,
  parallel_tool_calls: true,
  prediction: { content: 'string', type: 'content' },
  presence_penalty: -2,
  prompt_cache_key: 'prompt-cache-key-1234',
  prompt_cache_retention: 'in-memory',
  reasoning_effort: 'none',
  response_format: { type: 'text' },
  safety_identifier: 'safety-identifier-1234',
  seed: -9_007_199_254_740_991,
  service_tier: 'auto',
  stop: '\n',
  store: true,
  stream: false,
  stream_options: { include_obfuscation: true, include_usage: true },
  temperature: 1,
  tool_choice: 'none',
  tools: [{ type: 'function', function: { name: 'name', parameters: { foo: 'bar' }, strict: true } }],
  top_logprobs: 0,
  top_p: 1,
  user: 'user-1234',
  verbosity: 'low',
  web_search_options: { search_context_size: 'low' },
});

describe('the lenient profile', () => {
  it('accepts what generated clients send at once, and names what it takes as absent', () => {
    const parsed = parseChatRequest(everything, { profile: 'lenient' });
    if (!parsed.ok) throw new Error(parsed.error.message);
    expect(parsed.asked).toMatchObject({ seed: -9_007_199_254_740_991, presencePenalty: -2, topLogprobs: 0 });
    expect(parsed.asked.maxCompletionTokens).toBeUndefined();
    expect(parsed.asked.includeUsage).toBe(false);
    expect(parsed.warnings.toSorted()).toEqual(
      [
        ...['audio', 'function_call', 'functions', 'logit_bias', 'max_completion_tokens', 'max_tokens', 'prediction'],
        ...['reasoning_effort', 'store', 'stream_options', 'verbosity', 'web_search_options'],
      ].toSorted(),
    );
  });

  it.each([
    ['max_tokens', { max_tokens: 0 }],
    ['max_completion_tokens', { max_completion_tokens: 0 }],
    ['stream_options', { stream: false, stream_options: { include_usage: true } }],
    ['audio', { audio: { voice: 'alloy', format: 'wav' } }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['prediction', { prediction: { type: 'content', content: 'x' } }],
    ['web_search_options', { web_search_options: {} }],
    ['moderation', { moderation: { model: 'm' } }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['logit_bias', { logit_bias: { foo: 1 } }],
    ['functions', { tools: everything['tools'], functions: everything['functions'] }],
  ])('takes %s as absent, which the strict one refuses', (name, changes) => {
    expect(parseChatRequest(body(changes), { profile: 'lenient' })).toMatchObject({ ok: true, warnings: [name] });
    expect(refuse(body(changes)).param?.split('.')[0]).toBe(name);
  });

  it('changes nothing of what both accept', () => {
    const changes = {
      tools: everything['tools'],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 5,
    };
    expect(parseChatRequest(body(changes), { profile: 'lenient' })).toEqual(parseChatRequest(body(changes)));
  });

  it.each([
    ['temperature', { temperature: 3 }],
    ['messages', { messages: [] }],
    ['n', { n: 0 }],
    ['tool_choice', { tool_choice: 'required' }],
  ])('refuses what nobody could do: %s', (param, changes) => {
    expect(parseChatRequest(body(changes), { profile: 'lenient' })).toMatchObject({ ok: false, error: { param } });
  });
});
