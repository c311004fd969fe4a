import type { Detokenize } from '../answer-text/token-text.js';

/** Ids below are single bytes, so every text has tokens and characters of several bytes are split over several. */
const BYTES = 256;

/** Pieces of several characters; their ids follow those of the bytes, in this order. */
const PIECES = [
  ...[' the', ' of', ' and', ' a', ' to', ' in', ' is', ' it', ' that', ' with', ' for', ' as', ' on', ' at', ' by'],
  ...[' river', ' stone', ' light', ' paper', ' garden', ' window', ' summer', ' winter', ' letter', ' harbour'],
  ...[' mill', ' wheel', ' water', ' grain', ' flour', ' bread', ' bridge', ' valley', ' market', ' lantern'],
  ...[' turns', ' carries', ' waits', ' opens', ' follows', ' gathers', ' answers', ' listens', ' crosses', ' rests'],
  ...[' slow', ' bright', ' quiet', ' early', ' narrow', ' warm', ' small', ' distant', ' heavy', ' clear'],
  ...[' caf', ' na', 've', ',', '.', '\n', ' The', ' A', ' Then'],
  ...['<tool_call>', '</tool_call>', '{"name": "', '", "arguments": ', '": ', '", "', '{"', '"}', '"', '{', '}', ', '],
];

const LONGEST_PIECE = Math.max(...PIECES.map((piece) => piece.length));
const ID_OF_PIECE = new Map(PIECES.map((piece, index) => [piece, BYTES + index]));

/** Bytes of every token by its id. */
const TOKEN_BYTES: readonly Buffer[] = [
  ...Array.from({ length: BYTES }, (_, byte) => Buffer.from([byte])),
  ...PIECES.map((piece) => Buffer.from(piece, 'utf8')),
];
export const VOCABULARY_SIZE = TOKEN_BYTES.length;
const TOKEN_TEXT: readonly string[] = TOKEN_BYTES.map((token) => token.toString('utf8'));

/** Ids of unknown tokens, of another model's answer, have no text. */
export const detokenize: Detokenize = (ids) => {
  const [first] = ids;
  if (ids.length === 1 && first !== undefined) return TOKEN_TEXT[first] ?? '';
  return Buffer.concat(ids.map(tokenBytes)).toString('utf8');
};

export function tokenBytes(id: number): Uint8Array {
  return TOKEN_BYTES[id] ?? Buffer.alloc(0);
}

/** The longest known piece at each place, else single bytes. */
export function tokenize(text: string): number[] {
  const ids: number[] = [];
  for (let at = 0; at < text.length;) {
    const piece = longestPiece(text, at);
    const character = piece ?? String.fromCodePoint(text.codePointAt(at) ?? 0);
    const id = piece === undefined ? undefined : ID_OF_PIECE.get(piece);
    if (id === undefined) ids.push(...Buffer.from(character, 'utf8'));
    else ids.push(id);
    at += character.length;
  }
  return ids;
}

function longestPiece(text: string, at: number): string | undefined {
  for (let length = Math.min(LONGEST_PIECE, text.length - at); length > 0; length -= 1) {
    const piece = text.slice(at, at + length);
    if (ID_OF_PIECE.has(piece)) return piece;
  }
  return undefined;
}
