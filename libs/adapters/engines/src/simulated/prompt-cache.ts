/** Tokens of a prompt are so many bytes of its text. */
const BYTES_PER_TOKEN = 4;
const TOKENS_PER_BLOCK = 16;
const BYTES_PER_BLOCK = BYTES_PER_TOKEN * TOKENS_PER_BLOCK;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** A prompt as it was read. */
export interface ReadPrompt {
  tokens: number;
  cachedTokens: number;
  /** Of the whole text. */
  hash: number;
}

/** The beginnings of prompts that the replica holds, in blocks, like an engine with a paged cache. Forgets the oldest. */
export class PromptCache {
  /** Hashes of a block and all before it, the one used longest ago first. */
  private readonly blocks = new Set<number>();
  private readonly mostBlocks: number;

  constructor(capacityTokens: number) {
    this.mostBlocks = Math.max(1, Math.floor(capacityTokens / TOKENS_PER_BLOCK));
  }

  /** The last token of a prompt is always read anew. */
  read(text: string): ReadPrompt {
    const bytes = Buffer.from(text, 'utf8');
    const tokens = countTokens(bytes.length);
    let hash = FNV_OFFSET;
    let cachedBlocks = 0;
    let known = true;
    for (let at = 0; at < bytes.length; at += 1) {
      hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME);
      if ((at + 1) % BYTES_PER_BLOCK !== 0) continue;
      known = this.touch(hash) && known;
      if (known) cachedBlocks += 1;
    }
    return { tokens, cachedTokens: Math.min(cachedBlocks * TOKENS_PER_BLOCK, tokens - 1), hash };
  }

  /** Whether the block was there; it is from now on. */
  private touch(block: number): boolean {
    const known = this.blocks.delete(block);
    this.blocks.add(block);
    if (this.blocks.size > this.mostBlocks) {
      const [oldest] = this.blocks;
      if (oldest !== undefined) this.blocks.delete(oldest);
    }
    return known;
  }
}

/** At least one, as prompts of real models have. */
export function countTokens(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / BYTES_PER_TOKEN));
}
