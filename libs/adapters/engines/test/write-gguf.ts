import { open } from 'node:fs/promises';
import { tensorBytes, type GgufTensor } from '@millrace/domain/footprint';

const ALIGNMENT = 32;
/** Numbers of the types in the file format. */
const GGML_TYPES: Readonly<Record<string, number>> = {
  F32: 0,
  F16: 1,
  Q4_0: 2,
  Q8_0: 8,
  Q2_K: 10,
  Q3_K: 11,
  Q4_K: 12,
  Q5_K: 13,
  Q6_K: 14,
  BF16: 30,
};

/** Numbers of the types of values in the header. */
const U32 = 4;
const I32 = 5;
const F32 = 6;

/** A value of the header: whole numbers are written as u32, in lists as i32, others as f32. */
type Value = number | string | boolean | readonly number[] | readonly string[] | readonly boolean[];

/** A file to write: its metadata with full keys, and tensors that will be all zero. */
export interface GgufContent {
  metadata: Readonly<Record<string, Value>>;
  tensors: readonly GgufTensor[];
}

/** Writes a GGUF file whose tensors are zero; they take no room on the disk. */
export async function writeGguf(path: string, { metadata, tensors }: GgufContent): Promise<void> {
  const parts: Buffer[] = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(Object.keys(metadata).length)];
  for (const [key, value] of Object.entries(metadata)) parts.push(text(key), typed(value));
  let offset = 0;
  for (const { name, type, dimensions } of tensors) {
    parts.push(text(name), u32(dimensions.length), ...dimensions.map(u64), u32(GGML_TYPES[type] ?? NaN), u64(offset));
    offset = aligned(offset + tensorBytes(dimensions, type));
  }
  const header = Buffer.concat(parts);
  const file = await open(path, 'w');
  try {
    await file.write(header);
    await file.truncate(aligned(header.length) + offset);
  } finally {
    await file.close();
  }
}

function typed(value: Value): Buffer {
  if (typeof value === 'object') {
    const [first = 0] = value;
    const type = typeOf(first) === U32 ? I32 : typeOf(first);
    return Buffer.concat([u32(9), u32(type), u64(value.length), ...value.map(plain)]);
  }
  return Buffer.concat([u32(typeOf(value)), plain(value)]);
}

function typeOf(value: number | string | boolean): number {
  if (typeof value === 'boolean') return 7;
  if (typeof value === 'string') return 8;
  return Number.isInteger(value) ? U32 : F32;
}

function plain(value: number | string | boolean): Buffer {
  if (typeof value === 'boolean') return Buffer.from([value ? 1 : 0]);
  if (typeof value === 'string') return text(value);
  return Number.isInteger(value) ? u32(value) : f32(value);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function u64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function f32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatLE(value);
  return buffer;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
