import type { ModelShape, WeightsShape } from '../shape/model-shape.js';
import { weightsOfTensors } from '../shape/gguf-weights.js';
import { ConfigFacts, type ModelConfig } from './config-facts.js';
import { innerOf, isEncoder, layersOfConfig } from './config-layers.js';
import { tensorsOfConfig } from './config-tensors.js';
import { typed } from './tensor-types.js';

/** What else is known of a model's weights. */
export interface ConfigWeights {
  /** `metadata.total_size` of the safetensors index; takes the place of what the config implies. */
  totalBytes?: number;
  /** A mix such as `Q4_K_M`, or a type for all matrices. Left out: 16 bits. */
  quantisation?: string;
  /** The engine fills the width of experts up to a multiple of this. */
  expertMultiple?: number;
}

/** Reads a model's shape from its `config.json`. Fields that a calculator's case leaves out count as 0. */
export function shapeOfConfig(config: ModelConfig, known: ConfigWeights = {}): ModelShape {
  const facts = new ConfigFacts(config);
  const weights = weightsOf(facts, known);
  const trained = facts.number('max_position_embeddings', 'n_positions', 'max_sequence_length');
  return {
    architecture: facts.architecture,
    layers: layersOfConfig(facts),
    width: widthOf(facts),
    ...(weights === undefined ? {} : { weights }),
    ...(trained === undefined ? {} : { trainedContextLength: trained }),
  };
}

function weightsOf(facts: ConfigFacts, known: ConfigWeights): WeightsShape | undefined {
  const feedForward = facts.number('intermediate_size', 'moe_intermediate_size', 'n_inner', 'ffn_dim');
  const implied =
    facts.embedding > 0 && facts.vocabulary > 0 && facts.heads > 0 && feedForward !== undefined
      ? weightsOfTensors(
          typed(tensorsOfConfig(facts, known.expertMultiple), known.quantisation ?? 'BF16', facts.layers),
          facts.layers,
        )
      : undefined;
  if (known.totalBytes === undefined) return implied;
  return implied === undefined ? evenly(known.totalBytes, facts.layers) : scaled(implied, known.totalBytes);
}

/** Weights of which only the sum is known lie in the layers, in equal parts. */
function evenly(totalBytes: number, layers: number): WeightsShape {
  const each = layers === 0 ? 0 : totalBytes / layers;
  return {
    inputBytes: 0,
    layerBytes: Array.from({ length: layers }, () => each),
    outputBytes: layers === 0 ? totalBytes : 0,
    repeatedBytes: 0,
  };
}

/** The layers take what the embedding and the output leave of the known sum. */
function scaled(implied: WeightsShape, totalBytes: number): WeightsShape {
  const outside = implied.inputBytes + implied.outputBytes - implied.repeatedBytes;
  const inLayers = implied.layerBytes.reduce((sum, bytes) => sum + bytes, 0);
  const factor = Math.max(0, totalBytes - outside) / inLayers;
  return { ...implied, layerBytes: implied.layerBytes.map((bytes) => bytes * factor) };
}

function widthOf(facts: ConfigFacts): ModelShape['width'] {
  const rank = facts.number('kv_lora_rank');
  const rope = facts.number('qk_rope_head_dim') ?? 0;
  const queryLength = rank === undefined ? facts.keyLength : (facts.number('qk_nope_head_dim') ?? 0) + rope;
  const used = facts.number('num_experts_per_tok', 'num_experts_per_token') ?? 0;
  const dense = facts.number('intermediate_size', 'n_inner', 'ffn_dim') ?? 0;
  return {
    embedding: facts.embedding,
    feedForward: used > 0 ? used * (facts.number('moe_intermediate_size') ?? dense) : dense,
    heads: facts.heads,
    query: facts.heads * queryLength,
    key: facts.kvHeads * facts.keyLength,
    latentQuery: rank === undefined ? 0 : facts.heads * (rank + rope),
    inner: innerOf(facts),
    vocabulary: isEncoder(facts) ? 0 : facts.vocabulary,
  };
}
