import fc from 'fast-check';
import type { BatchItem } from 'node-llama-cpp';
import { ALONE, shareBatch } from './share-batch.js';

function item(tokens: number, alone = false): BatchItem {
  const ids = Array.from({ length: tokens }, (_, id) => id);
  return {
    tokens: ids,
    logits: ids.map(() => undefined),
    evaluationPriority: alone ? ALONE : 3,
  } as unknown as BatchItem;
}

const amounts = (items: BatchItem[], size: number): number[] =>
  items.map((one) => shareBatch({ items, size }).find((part) => part.item === one)?.processAmount ?? 0);

describe('sharing a batch', () => {
  it('decodes together what may be decoded together', () => {
    expect(amounts([item(1), item(100), item(1)], 512)).toEqual([1, 100, 1]);
  });

  it('decodes a marked item alone when it has waited longest, and leaves it out when another has', () => {
    expect(amounts([item(1, true), item(1), item(1, true)], 512)).toEqual([1, 0, 0]);
    expect(amounts([item(1), item(1, true), item(1)], 512)).toEqual([1, 0, 1]);
  });

  it('never exceeds the batch, gives each a part, and always gets something done', () => {
    const anyItem = fc.record({ tokens: fc.integer({ min: 1, max: 300 }), alone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(anyItem, { minLength: 1, maxLength: 8 }), fc.integer({ min: 8, max: 512 }), (list, size) => {
        const items = list.map(({ tokens, alone }) => item(tokens, alone));
        const parts = shareBatch({ items, size });
        expect(parts.reduce((sum, part) => sum + part.processAmount, 0)).toBeLessThanOrEqual(size);
        expect(parts.length).toBeGreaterThan(0);
        for (const part of parts) expect(part.processAmount).toBeGreaterThan(0);
      }),
    );
  });
});
