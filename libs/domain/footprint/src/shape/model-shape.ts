/** What one layer caches for each token of a context. */
export interface CacheShape {
  /** Key and value heads; a latent cache has one, which every device of a tensor-parallel group keeps whole. */
  kvHeads: number;
  /** Values of one head's key and of one head's value; 0 where a latent key serves as both. */
  keyLength: number;
  valueLength: number;
  latent: boolean;
  /** Tokens that a sliding-window layer looks back; left out: the whole context. */
  window?: number;
}

/** What one layer keeps while it serves. */
export interface LayerShape {
  /** Left out: the layer caches nothing (recurrent, sharing another layer's cache, or of an encoder). */
  cache?: CacheShape;
  /** F32 values of convolution and recurrent state that each slot holds, whatever its context. */
  stateValues: number;
}

/** Bytes of the weights, by where they may lie. */
export interface WeightsShape {
  /** Token embedding, which llama.cpp keeps on the host. */
  inputBytes: number;
  layerBytes: readonly number[];
  /** Output matrix and the norm before it; the embedding once more where a model has no output matrix. */
  outputBytes: number;
  /** How much of `outputBytes` is the embedding again: on the host it is the same memory. */
  repeatedBytes: number;
}

/** What the size of a computation depends on: values that each token takes, where not said otherwise. */
export interface WidthShape {
  embedding: number;
  /** Of the widest feed-forward layer; in a mixture the experts of one token together. */
  feedForward: number;
  heads: number;
  /** Queries of all heads as they are projected. */
  query: number;
  /** Keys of all heads. */
  key: number;
  /** Queries of all heads brought into the space of a latent key; 0 without one. */
  latentQuery: number;
  /** Inner values of a recurrent layer; 0 without one. */
  inner: number;
  vocabulary: number;
}

/** All that the footprint of a model depends on, as its metadata tells it; nothing here depends on how it is served. */
export interface ModelShape {
  architecture: string;
  layers: readonly LayerShape[];
  width: WidthShape;
  /** Left out where only the dimensions of the cache are known. */
  weights?: WeightsShape;
  /** Tokens that the model was trained for; left out where unknown. */
  trainedContextLength?: number;
}
