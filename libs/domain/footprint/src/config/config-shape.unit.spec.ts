import { shapeOfConfig } from './config-shape.js';

const common = { num_hidden_layers: 6, hidden_size: 512, num_attention_heads: 8, num_key_value_heads: 2 };
const windows = (config: object) => shapeOfConfig({ ...common, ...config }).layers.map(({ cache }) => cache?.window);
const caching = (config: object) =>
  shapeOfConfig({ ...common, ...config }).layers.map(({ cache }) => cache !== undefined);
const weightsBytes = (shape: ReturnType<typeof shapeOfConfig>) =>
  (shape.weights?.inputBytes ?? 0) +
  (shape.weights?.outputBytes ?? 0) -
  (shape.weights?.repeatedBytes ?? 0) +
  (shape.weights?.layerBytes ?? []).reduce((sum, bytes) => sum + bytes, 0);

describe('the shape of a config.json', () => {
  it('reads the text part of a config of several parts', () => {
    const shape = shapeOfConfig({ model_type: 'gemma3', text_config: { ...common, head_dim: 256 } });
    expect(shape.layers[0]?.cache).toMatchObject({ kvHeads: 2, keyLength: 256 });
  });

  it('follows the listed kinds of layers', () => {
    const kinds = ['sliding_attention', 'full_attention', 'linear_attention', 'mamba', 'mlp', 'chunked_attention'];
    expect(windows({ layer_types: kinds, sliding_window: 128 })).toEqual([128, ...Array(4).fill(undefined), 128]);
    expect(caching({ layer_types: kinds })).toEqual([true, true, false, false, false, true]);
  });

  it('leaves windows out where the config switches them off', () => {
    expect(windows({ sliding_window: 4096, use_sliding_window: false })[0]).toBeUndefined();
    expect(windows({ sliding_window: 4096 })[0]).toBe(4096);
  });

  it('caches a latent of a low rank', () => {
    const [layer] = shapeOfConfig({ ...common, kv_lora_rank: 512, qk_rope_head_dim: 64 }).layers;
    expect(layer?.cache).toEqual({ kvHeads: 1, keyLength: 576, valueLength: 0, latent: true });
  });

  it('caches nothing in an encoder, nor in layers that share', () => {
    expect(caching({ model_type: 'bert' }).some(Boolean)).toBe(false);
    expect(caching({ num_kv_shared_layers: 2 })).toEqual([true, true, true, true, false, false]);
  });

  it('counts the parameters of Llama 3.1 8B', () => {
    const shape = shapeOfConfig({
      num_hidden_layers: 32,
      hidden_size: 4096,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      intermediate_size: 14336,
      vocab_size: 128256,
    });
    expect(weightsBytes(shape)).toBe(2 * 8_030_261_248);
  });

  it('takes the sum of the safetensors index for the truth', () => {
    const shape = shapeOfConfig({ ...common, vocab_size: 1000, intermediate_size: 2048 }, { totalBytes: 123_456_789 });
    expect(weightsBytes(shape)).toBeCloseTo(123_456_789, 0);
  });
});
