/** A model's `config.json` as Hugging Face's transformers write it; one of several parts keeps its text in `text_config`. */
export type ModelConfig = Readonly<Record<string, unknown>>;

/** Reads a config's numbers, which carry different names in different families. */
export class ConfigFacts {
  private readonly text: ModelConfig;

  constructor(config: ModelConfig) {
    const nested = config['text_config'];
    this.text = typeof nested === 'object' && nested !== null ? { ...config, ...(nested as ModelConfig) } : config;
  }

  /** The first of these keys that holds a number. */
  number(...keys: readonly string[]): number | undefined {
    for (const key of keys) {
      const value = this.text[key];
      if (typeof value === 'number') return value;
    }
    return undefined;
  }

  word(key: string): string {
    const value = this.text[key];
    return typeof value === 'string' ? value : '';
  }

  flag(key: string): boolean | undefined {
    const value = this.text[key];
    return typeof value === 'boolean' ? value : undefined;
  }

  list(...keys: readonly string[]): readonly unknown[] | undefined {
    for (const key of keys) {
      const value = this.text[key];
      if (Array.isArray(value)) return value as unknown[];
    }
    return undefined;
  }

  get architecture(): string {
    return this.word('model_type');
  }

  get layers(): number {
    return this.number('num_hidden_layers', 'n_layer', 'n_layers', 'num_layers') ?? this.layerKinds?.length ?? 0;
  }

  get embedding(): number {
    return this.number('hidden_size', 'n_embd', 'd_model', 'dim') ?? 0;
  }

  get heads(): number {
    return this.number('num_attention_heads', 'n_head', 'n_heads') ?? 0;
  }

  get kvHeads(): number {
    return this.flag('multi_query') === true ? 1 : (this.number('num_key_value_heads', 'n_head_kv') ?? this.heads);
  }

  /** Of a head's key; not embedding / heads where the config says otherwise. */
  get keyLength(): number {
    return this.number('head_dim', 'attention_head_dim') ?? (this.heads > 0 ? this.embedding / this.heads : 0);
  }

  get valueLength(): number {
    return this.number('value_head_dim') ?? this.keyLength;
  }

  get vocabulary(): number {
    return this.number('vocab_size', 'padded_vocab_size') ?? 0;
  }

  /** One word for each layer, where the config lists them. */
  get layerKinds(): readonly string[] | undefined {
    const pattern = this.word('hybrid_override_pattern');
    if (pattern !== '') return Array.from(pattern);
    return this.list('layer_types', 'layers_block_type', 'layer_type_list')?.map(String);
  }
}
