import { leastPromptTokens } from './least-prompt-tokens.js';

describe('the least tokens of a prompt', () => {
  it('are one for each message', () => {
    expect(leastPromptTokens(Array.from({ length: 400 }, () => ({ role: 'user', content: '' })))).toBe(400);
  });

  it('grow with long texts, far slower than any tokenizer counts', () => {
    expect(leastPromptTokens([{ role: 'user', content: 'x'.repeat(256_000) }])).toBe(1_000);
  });
});
