import { PromptCache } from './prompt-cache.js';

/** 64 bytes: one block of 16 tokens. */
const block = (letter: string): string => letter.repeat(64);

describe('the prompt cache of a simulated replica', () => {
  it('counts a token for each 4 bytes, and one at least', () => {
    const cache = new PromptCache(1000);
    expect(cache.read('12345').tokens).toBe(2);
    expect(cache.read('').tokens).toBe(1);
  });

  it('knows the blocks that a prompt begins with like an earlier one', () => {
    const cache = new PromptCache(1000);
    expect(cache.read(block('a') + block('b') + 'c').cachedTokens).toBe(0);
    expect(cache.read(block('a') + block('b') + 'd').cachedTokens).toBe(32);
    expect(cache.read(block('a') + block('c')).cachedTokens).toBe(16);
    expect(cache.read(block('b')).cachedTokens).toBe(0);
  });

  it('leaves the last token to be read anew', () => {
    const cache = new PromptCache(1000);
    cache.read(block('a'));
    expect(cache.read(block('a'))).toMatchObject({ tokens: 16, cachedTokens: 15 });
  });

  it('forgets the blocks that were not used for longest when it is full', () => {
    const cache = new PromptCache(32);
    cache.read(block('a'));
    cache.read(block('b'));
    cache.read(block('a'));
    cache.read(block('c'));
    expect(cache.read(block('a') + 'x').cachedTokens).toBe(16);
    expect(cache.read(block('b') + 'x').cachedTokens).toBe(0);
  });

  it('gives other prompts other hashes', () => {
    const cache = new PromptCache(1000);
    expect(cache.read('What is a mill?').hash).not.toBe(cache.read('What is a hill?').hash);
  });
});
