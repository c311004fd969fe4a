/** The header of a GGUF file, as far as a footprint needs it. */
export interface GgufFacts {
  /** `general.architecture`. */
  architecture: string;
  /** Keys without the architecture in front, such as `attention.head_count_kv`. */
  metadata: Readonly<Record<string, unknown>>;
  /** Tokens of the tokenizer. */
  vocabulary: number;
  tensors: readonly GgufTensor[];
}

export interface GgufTensor {
  name: string;
  /** Upper case: `Q4_K`. */
  type: string;
  dimensions: readonly number[];
}

/** Reads numbers out of metadata, whose values are a number for all layers or a list with one for each. */
export class GgufNumbers {
  constructor(private readonly metadata: GgufFacts['metadata']) {}

  has(key: string): boolean {
    return this.metadata[key] !== undefined;
  }

  /** The number, or the largest of a list; `otherwise` where the key is missing. */
  one(key: string, otherwise = 0): number {
    const value = this.metadata[key];
    if (Array.isArray(value)) return Math.max(...value.map(Number), 0);
    return value === undefined ? otherwise : Number(value);
  }

  /** The number of one layer. */
  at(key: string, layer: number, otherwise = 0): number {
    const value = this.metadata[key];
    if (Array.isArray(value)) return Number(value[layer] ?? otherwise);
    return value === undefined ? otherwise : Number(value);
  }

  /** The list, one entry for each layer; undefined where the key holds none. */
  list(key: string): readonly unknown[] | undefined {
    const value = this.metadata[key];
    return Array.isArray(value) ? value : undefined;
  }
}
