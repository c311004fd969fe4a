import type { LlamaModel, Token } from 'node-llama-cpp';
import type { Detokenize } from '../answer-text/token-text.js';

export const CALL_BEGIN = '<tool_call>';
export const CALL_END = '</tool_call>';

/** The text of ids, with the marks of calls also where the vocabulary holds them as control tokens without text. */
export function detokenizer(model: Pick<LlamaModel, 'tokenize' | 'detokenize'>): Detokenize {
  const marks = new Map<number, string>();
  for (const mark of [CALL_BEGIN, CALL_END]) {
    const [id, ...more] = model.tokenize(mark, true);
    if (id !== undefined && more.length === 0 && model.detokenize([id], false) === '') marks.set(id, mark);
  }
  const plain: Detokenize = (ids, before) => model.detokenize(ids as Token[], false, before as Token[]);
  if (marks.size === 0) return plain;
  return (ids, before) => {
    let text = '';
    let from = 0;
    for (const [at, id] of ids.entries()) {
      const mark = marks.get(id);
      if (mark === undefined) continue;
      text += plainPart(from, at) + mark;
      from = at + 1;
    }
    return text + plainPart(from, ids.length);

    function plainPart(start: number, end: number): string {
      return start === end ? '' : plain(ids.slice(start, end), [...before, ...ids.slice(0, start)]);
    }
  };
}
