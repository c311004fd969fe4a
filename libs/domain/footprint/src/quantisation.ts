/** Bytes that one block of values takes, and how many values it holds. */
interface Block {
  bytes: number;
  values: number;
}

const block = (bytes: number, values: number): Block => ({ bytes, values });

/** Block layouts of ggml-common.h (llama.cpp), and the plain types of safetensors. */
const BLOCKS: Readonly<Record<string, Block>> = {
  F64: block(8, 1),
  F32: block(4, 1),
  F16: block(2, 1),
  BF16: block(2, 1),
  F8_E4M3: block(1, 1),
  F8_E5M2: block(1, 1),
  I64: block(8, 1),
  I32: block(4, 1),
  I16: block(2, 1),
  I8: block(1, 1),
  U8: block(1, 1),
  Q1_0: block(18, 128),
  Q2_0: block(18, 64),
  Q4_0: block(18, 32),
  Q4_1: block(20, 32),
  Q5_0: block(22, 32),
  Q5_1: block(24, 32),
  Q8_0: block(34, 32),
  Q8_1: block(36, 32),
  Q2_K: block(84, 256),
  Q3_K: block(110, 256),
  Q4_K: block(144, 256),
  Q5_K: block(176, 256),
  Q6_K: block(210, 256),
  Q8_K: block(292, 256),
  IQ1_S: block(50, 256),
  IQ1_M: block(56, 256),
  IQ2_XXS: block(66, 256),
  IQ2_XS: block(74, 256),
  IQ2_S: block(82, 256),
  IQ3_XXS: block(98, 256),
  IQ3_S: block(110, 256),
  IQ4_NL: block(18, 32),
  IQ4_XS: block(136, 256),
  TQ1_0: block(54, 256),
  TQ2_0: block(66, 256),
  MXFP4: block(17, 32),
  NVFP4: block(36, 64),
};

/** A type of values, in upper case, as GGUF and safetensors name it: `Q4_K`, `BF16`. */
export type ValueType = string;

/** Whether the size of such values is known. */
export function isValueType(type: ValueType): boolean {
  return type in BLOCKS;
}

/** Bytes of so many values in whole blocks. Throws for a type that is not known. */
export function bytesOf(values: number, type: ValueType): number {
  const layout = BLOCKS[type];
  if (layout === undefined) {
    throw new RangeError(`The value type "${type}" is not known; known are ${Object.keys(BLOCKS).join(', ')}.`);
  }
  return Math.ceil(values / layout.values) * layout.bytes;
}

/** Bytes of a tensor; blocks lie along its first dimension and do not span rows. */
export function tensorBytes(dimensions: readonly number[], type: ValueType): number {
  const [row = 1, ...others] = dimensions;
  return bytesOf(row, type) * others.reduce((product, dimension) => product * dimension, 1);
}
