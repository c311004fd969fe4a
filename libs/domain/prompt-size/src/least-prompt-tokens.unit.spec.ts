import { leastPromptTokens } from './least-prompt-tokens.js';

describe('the least tokens of a prompt', () => {
  it('are one for each message', () => {
    const messages = Array.from({ length: 400 }, () => ({ content: '' }));
    expect(leastPromptTokens({ messages })).toBe(400);
  });

  it('grow with long texts, far slower than any tokenizer counts', () => {
    expect(leastPromptTokens({ messages: [{ content: 'x'.repeat(256_000) }] })).toBe(1_000);
  });

  it('count calls and tools as well', () => {
    const toolCalls = [{ id: 'a', name: 'b', arguments: 'x'.repeat(25_600) }];
    expect(leastPromptTokens({ messages: [{ content: '', toolCalls }] })).toBe(100);
    const tools = [{ name: 'a', description: 'x'.repeat(25_600) }];
    const toolUse = { tools, choice: 'auto', parallel: true } as const;
    expect(leastPromptTokens({ messages: [], toolUse })).toBeGreaterThan(100);
  });
});
