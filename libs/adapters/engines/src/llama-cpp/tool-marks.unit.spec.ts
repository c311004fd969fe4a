import type { Token } from 'node-llama-cpp';
import { detokenizer } from './tool-marks.js';

/** A vocabulary of letters in which ids below 2 are the marks, with or without text of their own. */
function vocabulary(marksHaveText: boolean): Parameters<typeof detokenizer>[0] {
  const marks = ['<tool_call>', '</tool_call>'];
  const textOf = (id: number): string => marks[id] ?? String.fromCharCode(id);
  return {
    tokenize: ((text: string) => [marks.indexOf(text)]) as never,
    detokenize: (ids: readonly Token[]) => ids.map((id) => (id < 2 && !marksHaveText ? '' : textOf(id))).join(''),
  };
}

describe('the marks around tool calls', () => {
  it.each([true, false])(
    'stand in the text, whether their tokens have text of their own (%s) or not',
    (marksHaveText) => {
      const detokenize = detokenizer(vocabulary(marksHaveText));
      expect(detokenize([0, 0x61, 0x62, 1, 0x63], [])).toBe('<tool_call>ab</tool_call>c');
      expect(detokenize([0x61], [0])).toBe('a');
      expect(detokenize([1], [0x61])).toBe('</tool_call>');
    },
  );
});
