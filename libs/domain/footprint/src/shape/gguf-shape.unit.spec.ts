import { shapeOfGguf } from './gguf-shape.js';

const common = { block_count: 8, embedding_length: 512, 'attention.head_count': 8, 'attention.head_count_kv': 2 };

function layersOf(architecture: string, metadata: Record<string, unknown>) {
  return shapeOfGguf({ architecture, metadata: { ...common, ...metadata }, vocabulary: 1000, tensors: [] }).layers;
}

const caching = (layers: ReturnType<typeof layersOf>) => layers.map(({ cache }) => cache !== undefined);
const windows = (layers: ReturnType<typeof layersOf>) => layers.map(({ cache }) => cache?.window);

describe('the shape of a GGUF model', () => {
  it('takes the lengths of a head from the metadata', () => {
    const [layer] = layersOf('qwen3', { 'attention.key_length': 128, 'attention.value_length': 96 });
    expect(layer?.cache).toMatchObject({ kvHeads: 2, keyLength: 128, valueLength: 96 });
  });

  it('knows how often an architecture looks at the whole context', () => {
    const windowed = windows(layersOf('gemma3', { 'attention.sliding_window': 512 }));
    expect(windowed).toEqual([512, 512, 512, 512, 512, undefined, 512, 512]);
    expect(windows(layersOf('gpt-oss', { 'attention.sliding_window': 128 })).slice(0, 2)).toEqual([128, undefined]);
    expect(
      windows(layersOf('llama', { 'attention.sliding_window': 128 })).every((window) => window === undefined),
    ).toBe(true);
  });

  it('follows the list of windows that a file gives, whose heads may be of other lengths', () => {
    const [first, second] = layersOf('gemma4', {
      'attention.sliding_window': 512,
      'attention.sliding_window_pattern': [true, false, true, true, true, true, true, false],
      'attention.key_length': 512,
      'attention.key_length_swa': 256,
      'attention.value_length': 512,
      'attention.value_length_swa': 256,
    });
    expect(first?.cache).toMatchObject({ window: 512, keyLength: 256 });
    expect(second?.cache).toMatchObject({ keyLength: 512 });
  });

  it('caches a latent without values', () => {
    const [layer] = layersOf('deepseek2', {
      'attention.head_count_kv': 1,
      'attention.key_length': 576,
      'attention.value_length': 512,
      'attention.key_length_mla': 192,
    });
    expect(layer?.cache).toEqual({ kvHeads: 1, keyLength: 576, valueLength: 0, latent: true });
  });

  it('caches only in the attending layers of a hybrid, and keeps state in the others', () => {
    const layers = layersOf('qwen35', {
      full_attention_interval: 4,
      'ssm.conv_kernel': 4,
      'ssm.inner_size': 1024,
      'ssm.state_size': 128,
      'ssm.group_count': 2,
    });
    expect(caching(layers)).toEqual([false, false, false, true, false, false, false, true]);
    expect(layers[0]?.stateValues).toBe(3 * (1024 + 2 * 2 * 128) + 128 * 1024);
    expect(layers[3]?.stateValues).toBe(0);
  });

  it('takes layers without key and value heads for convolutions', () => {
    const layers = layersOf('lfm2', { 'attention.head_count_kv': [0, 0, 2, 0, 0, 2, 0, 2], 'shortconv.l_cache': 3 });
    expect(caching(layers)).toEqual([false, false, true, false, false, true, false, true]);
    expect(layers[0]?.stateValues).toBe(2 * 512);
  });

  it('caches nothing in layers that share, predict further tokens, recur or encode', () => {
    expect(caching(layersOf('gemma4', { 'attention.shared_kv_layers': 3 })).filter(Boolean)).toHaveLength(5);
    expect(caching(layersOf('qwen35', { nextn_predict_layers: 1 })).filter(Boolean)).toHaveLength(1);
    expect(caching(layersOf('rwkv7', { 'wkv.head_size': 64 })).some(Boolean)).toBe(false);
    expect(caching(layersOf('bert', {})).some(Boolean)).toBe(false);
  });

  it('sums tensors by where they lie, and an embedding that is also the output twice', () => {
    const { weights } = shapeOfGguf({
      architecture: 'llama',
      metadata: { ...common, block_count: 1 },
      vocabulary: 10,
      tensors: [
        { name: 'token_embd.weight', type: 'F16', dimensions: [512, 10] },
        { name: 'output_norm.weight', type: 'F32', dimensions: [512] },
        { name: 'blk.0.attn_q.weight', type: 'Q4_K', dimensions: [512, 512] },
      ],
    });
    expect(weights).toEqual({
      inputBytes: 10240,
      outputBytes: 2048 + 10240,
      repeatedBytes: 10240,
      layerBytes: [(512 * 512 * 144) / 256],
    });
  });
});
