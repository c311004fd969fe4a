import { GgufNumbers, type GgufFacts } from './gguf-facts.js';
import { layerKind, stateValues } from './gguf-states.js';
import { weightsOfTensors } from './gguf-weights.js';
import { windowsOf } from './gguf-windows.js';
import type { CacheShape, LayerShape, ModelShape } from './model-shape.js';

/** Architectures that llama.cpp gives no cache at all (`create_memory` in llama-model.cpp). */
const WITHOUT_CACHE = new Set([
  ...['bert', 'modern-bert', 'nomic-bert', 'nomic-bert-moe', 'neo-bert', 'jina-bert-v2', 'jina-bert-v3', 'eurobert'],
  ...['gemma-embedding', 'wavtokenizer-dec', 'dream', 'llada', 'llada-moe', 'rnd1'],
]);
/** Of these, the ones that answer with text and so compute logits; the others answer with embeddings. */
const DIFFUSING = new Set(['dream', 'llada', 'llada-moe', 'rnd1']);
/** The first so many layers of Gemma 3n hold the caches of all (src/models/gemma3n.cpp). */
const GEMMA3N_LAYERS_WITH_CACHE = 20;
/** Architectures that keep a second, narrow key of each token, by which they choose what to attend to. */
const WITH_INDEXER = new Set(['deepseek32', 'glm-dsa', 'minimax-m3', 'dots3note']);

/** Reads a model's shape from the header of its GGUF file. */
export function shapeOfGguf(facts: GgufFacts): ModelShape {
  const numbers = new GgufNumbers(facts.metadata);
  const blocks = numbers.one('block_count');
  const trained = numbers.one('context_length');
  return {
    architecture: facts.architecture,
    layers: layersOf(facts.architecture, numbers, blocks),
    width: widthOf(numbers, answersWithText(facts.architecture) ? facts.vocabulary : 0),
    weights: weightsOfTensors(facts.tensors, blocks),
    ...(trained > 0 ? { trainedContextLength: trained } : {}),
  };
}

function layersOf(architecture: string, numbers: GgufNumbers, blocks: number): LayerShape[] {
  const windows = windowsOf(architecture, numbers, blocks);
  // Blocks that predict further tokens belong to a draft context, not to this one.
  const trunk = blocks - numbers.one('nextn_predict_layers');
  const withCache =
    architecture === 'gemma3n' ? GEMMA3N_LAYERS_WITH_CACHE : blocks - numbers.one('attention.shared_kv_layers');
  return windows.map((window, layer) => {
    const { attends, recurs } = layerKind(architecture, numbers, layer);
    const caches = attends && layer < trunk && layer < withCache && !WITHOUT_CACHE.has(architecture);
    return {
      stateValues: recurs && layer < trunk ? stateValues(architecture, numbers) : 0,
      ...(caches ? { cache: cacheOf(architecture, numbers, { layer, window }) } : {}),
    };
  });
}

function cacheOf(
  architecture: string,
  numbers: GgufNumbers,
  at: { layer: number; window: number | undefined },
): CacheShape {
  const heads = numbers.at('attention.head_count', at.layer);
  const derived = headLength(numbers);
  const ofWindow = at.window === undefined ? '' : '_swa';
  const length = (part: 'key' | 'value') => {
    const whole = numbers.one(`attention.${part}_length`, derived);
    return ofWindow === '' ? whole : numbers.one(`attention.${part}_length_swa`, whole);
  };
  // Files that name the lengths of the expanded heads cache the latent alone.
  const latent = numbers.has('attention.key_length_mla');
  const indexer = WITH_INDEXER.has(architecture) ? numbers.one('attention.indexer.key_length') : 0;
  return {
    kvHeads: numbers.at('attention.head_count_kv', at.layer, heads),
    keyLength: length('key') + indexer,
    valueLength: latent ? 0 : length('value'),
    latent,
    ...(at.window === undefined ? {} : { window: at.window }),
  };
}

function answersWithText(architecture: string): boolean {
  return !WITHOUT_CACHE.has(architecture) || DIFFUSING.has(architecture);
}

function headLength(numbers: GgufNumbers): number {
  const heads = numbers.one('attention.head_count');
  return heads > 0 ? numbers.one('embedding_length') / heads : 0;
}

function widthOf(numbers: GgufNumbers, vocabulary: number): ModelShape['width'] {
  const heads = numbers.one('attention.head_count');
  const keyLength = numbers.one('attention.key_length', headLength(numbers));
  const latent = numbers.has('attention.key_length_mla');
  const ofExperts = numbers.one('expert_feed_forward_length', numbers.one('feed_forward_length'));
  const used = numbers.one('expert_used_count');
  return {
    embedding: numbers.one('embedding_length'),
    feedForward: Math.max(used * ofExperts, used > 0 ? 0 : numbers.one('feed_forward_length')),
    heads,
    query: heads * numbers.one('attention.key_length_mla', keyLength),
    key: numbers.one('attention.head_count_kv', heads) * keyLength,
    latentQuery: latent ? heads * keyLength : 0,
    inner: numbers.one('ssm.inner_size'),
    vocabulary,
  };
}
