import type { LlamaModel, Token } from 'node-llama-cpp';
import { tokenBytes } from './token-bytes.js';

function bytesOf(vocabularyType: string, tokens: string[], types?: number[]): string[] {
  const ggml = { tokens, token_type: types };
  const model = { vocabularyType, fileInfo: { metadata: { tokenizer: { ggml } } } } as unknown as LlamaModel;
  const bytes = tokenBytes(model);
  return tokens.map((_, id) => Buffer.from(bytes(id as Token)).toString('hex'));
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}

describe('the bytes of a token', () => {
  it('are read from a byte-level vocabulary, also for parts of characters', () => {
    expect(bytesOf('bpe', ['Hi', 'ĠParis', 'Ċ', 'ðŁĺ', 'Ģ', 'Ã©'])).toEqual([
      ...[hex('Hi'), hex(' Paris'), hex('\n'), 'f09f98', '80', hex('é')],
    ]);
  });

  it('are those of the text for tokens that someone added', () => {
    expect(bytesOf('bpe', ['<tool_call>', 'é'], [4, 3])).toEqual([hex('<tool_call>'), hex('é')]);
  });

  it('are read from a vocabulary of SentencePiece, where bytes have a notation of their own', () => {
    expect(bytesOf('spm', ['▁Paris', '<0xE4>', '▁▁'], [1, 6, 1])).toEqual([hex(' Paris'), 'e4', hex('  ')]);
  });
});
