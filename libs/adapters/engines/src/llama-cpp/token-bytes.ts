import { LlamaVocabularyType } from 'node-llama-cpp';
import type { LlamaModel, Token } from 'node-llama-cpp';

/** The bytes of each token by itself, also of those that hold a part of a character. */
export type TokenBytes = (id: Token) => Uint8Array;

const NORMAL = 1;
const BYTE = 6;

/** Reads bytes from the vocabulary as the file of the model writes it. */
export function tokenBytes(model: LlamaModel): TokenBytes {
  const { tokens, token_type: types } = model.fileInfo.metadata.tokenizer.ggml;
  return (id) => {
    const text = tokens[id] ?? '';
    const type: number = types?.[id] ?? NORMAL;
    if (type === BYTE) return byteOf(text) ?? Buffer.from(text);
    if (type !== NORMAL) return Buffer.from(text);
    if (model.vocabularyType === LlamaVocabularyType.bpe) return byteLevel(text) ?? Buffer.from(text);
    if (model.vocabularyType === LlamaVocabularyType.spm) return Buffer.from(text.replaceAll('\u2581', ' '));
    return Buffer.from(model.detokenize([id], false));
  };
}

/** `<0xE4>`, as vocabularies of SentencePiece write a single byte. */
function byteOf(text: string): Uint8Array | undefined {
  const [, hex] = /^<0x([0-9A-F]{2})>$/i.exec(text) ?? [];
  return hex === undefined ? undefined : Uint8Array.of(parseInt(hex, 16));
}

/** The bytes that a byte-level vocabulary writes as one printable character each. Undefined: it is not written so. */
function byteLevel(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (const character of text) {
    const byte = BYTE_OF_CHARACTER.get(character);
    if (byte === undefined) return undefined;
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** GPT-2's table: printable bytes of latin1 stand for themselves, the others for the characters from U+0100 on. */
const BYTE_OF_CHARACTER = new Map<string, number>();
for (let byte = 0, next = 0x100; byte < 0x100; byte += 1) {
  const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  BYTE_OF_CHARACTER.set(String.fromCharCode(isPrintable ? byte : next++), byte);
}
