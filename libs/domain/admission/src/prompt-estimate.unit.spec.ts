import fc from 'fast-check';
import { estimatePromptTokens, fewestPromptTokens, learnTokensPerByte } from './index.js';

const prompt = fc.record({ messages: fc.integer({ min: 1, max: 50 }), bytes: fc.integer({ min: 1, max: 100_000 }) });

describe('the estimate of a prompt', () => {
  it('has the tokens around each message beside those of the text', () => {
    expect(estimatePromptTokens({ messages: 1, bytes: 0 })).toBe(12);
    expect(estimatePromptTokens({ messages: 3, bytes: 300 })).toBe(128);
    expect(estimatePromptTokens({ messages: 1, bytes: 300 }, 0.5)).toBe(162);
  });

  it('is never below what a prompt takes at least, whatever was learnt', () => {
    fc.assert(
      fc.property(prompt, fc.array(fc.tuple(prompt, fc.nat(200_000))), (size, counted) => {
        let known: number | undefined;
        for (const [seen, tokens] of counted) known = learnTokensPerByte(known, seen, tokens);
        expect(estimatePromptTokens(size, known)).toBeGreaterThanOrEqual(fewestPromptTokens(size));
      }),
    );
  });

  it('follows text that needs more tokens at once, and text that needs less slowly', () => {
    const size = { messages: 1, bytes: 1_000 };
    const dense = learnTokensPerByte(undefined, size, 712);
    expect(estimatePromptTokens(size, dense)).toBe(712);
    const once = learnTokensPerByte(dense, size, 262);
    expect(estimatePromptTokens(size, once)).toBeGreaterThan(650);
    let known: number | undefined = once;
    for (let count = 0; count < 200; count++) known = learnTokensPerByte(known, size, 262);
    expect(estimatePromptTokens(size, known)).toBeLessThan(265);
  });

  it('learns nothing from a prompt without text', () => {
    expect(learnTokensPerByte(0.4, { messages: 1, bytes: 0 }, 30)).toBe(0.4);
  });
});
