/** Counts beyond these are of no model; a file that names them is not read any further. */
const MOST_ENTRIES = 100_000;
const MOST_TENSORS = 1_000_000;
const MOST_LIST = 10_000_000;
const MOST_DEPTH = 4;

const STRING = 8;
const LIST = 9;
/** Bytes of the other types of values, by their number in the format. */
const VALUE_BYTES: Readonly<Record<number, number>> = {
  ...{ 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 },
};

/**
 * How long the header of a GGUF file is, given the beginning of the file; undefined while that ends before the header
 * does. Throws for what no writer of such files writes.
 */
export function ggufHeaderBytes(beginning: Buffer): number | undefined {
  const cursor = new Cursor(beginning);
  try {
    cursor.skip('GGUF'.length + 4);
    const tensors = cursor.count(MOST_TENSORS);
    const entries = cursor.count(MOST_ENTRIES);
    for (let entry = 0; entry < entries; entry += 1) {
      cursor.skipText();
      cursor.skipValue(cursor.u32());
    }
    for (let tensor = 0; tensor < tensors; tensor += 1) {
      cursor.skipText();
      // Dimensions, type and offset.
      cursor.skip(8 * cursor.u32() + 4 + 8);
    }
    return cursor.position;
  } catch (error) {
    if (error instanceof EndOfBeginning) return undefined;
    throw error;
  }
}

/** The beginning ends within the header. */
class EndOfBeginning extends Error {}

/** Walks over the values of a header without keeping them. */
class Cursor {
  position = 0;

  constructor(private readonly bytes: Buffer) {}

  skip(count: number): number {
    const from = this.position;
    if (!Number.isSafeInteger(count) || from + count > this.bytes.length) throw new EndOfBeginning();
    this.position += count;
    return from;
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.skip(4));
  }

  /** A number of 8 bytes. Throws RangeError beyond `most`. */
  count(most: number): number {
    const count = this.bytes.readBigUInt64LE(this.skip(8));
    if (count > BigInt(most)) throw new RangeError(`The header names ${count} of something; expected at most ${most}.`);
    return Number(count);
  }

  skipText(): void {
    this.skip(this.count(Number.MAX_SAFE_INTEGER));
  }

  skipValue(type: number, depth = 0): void {
    if (type === STRING) return this.skipText();
    if (type !== LIST) return void this.skip(sizeOf(type));
    if (depth === MOST_DEPTH) throw new RangeError('The header nests lists too deeply.');
    const member = this.u32();
    const length = this.count(MOST_LIST);
    if (member !== STRING && member !== LIST) return void this.skip(length * sizeOf(member));
    for (let index = 0; index < length; index += 1) this.skipValue(member, depth + 1);
  }
}

function sizeOf(type: number): number {
  const bytes = VALUE_BYTES[type];
  if (bytes === undefined) throw new RangeError(`The header holds a value of the unknown type ${type}.`);
  return bytes;
}
