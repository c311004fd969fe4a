/** A question to the calculator: what does this model need when it is served like that? */
export interface FootprintCase {
  /** `llama-cpp` (also `llama.cpp`, `any`) or `vllm`. */
  engine: string;
  model: CaseRecord;
  config: CaseRecord;
}

export type CaseRecord = Readonly<Record<string, unknown>>;

/** The question cannot be answered; the message says what is wrong and what was expected. */
export class FootprintCaseError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FootprintCaseError';
  }
}

/** Reads a question from JSON. Throws FootprintCaseError for anything that has not the form. */
export function readCase(value: unknown): FootprintCase {
  if (!isRecord(value)) throw new FootprintCaseError('A case is a JSON object {engine, model, config}.');
  const { engine = 'any', model, config = {} } = value;
  if (typeof engine !== 'string') throw new FootprintCaseError('"engine" is a string: llama-cpp or vllm.');
  if (!isRecord(model)) throw new FootprintCaseError('"model" is an object such as {"name": "Qwen3-32B"}.');
  if (!isRecord(config)) throw new FootprintCaseError('"config" is an object such as {"ctx": 32768}.');
  return { engine: engineNamed(engine), model, config };
}

function engineNamed(engine: string): string {
  if (engine === 'any' || engine === 'llama.cpp') return 'llama-cpp';
  if (engine === 'llama-cpp' || engine === 'vllm') return engine;
  throw new FootprintCaseError(`There is no formula for the engine "${engine}"; there is one for llama-cpp and vllm.`);
}

function isRecord(value: unknown): value is CaseRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads the values of a case, which carry several names. Throws FootprintCaseError for a value of another kind. */
export class CaseValues {
  constructor(
    private readonly record: CaseRecord,
    private readonly place: 'model' | 'config' | 'expect',
  ) {}

  number(...keys: readonly string[]): number | undefined {
    const found = this.first(keys);
    if (found === undefined) return undefined;
    if (typeof found.value === 'number' && Number.isFinite(found.value) && found.value >= 0) return found.value;
    throw this.wrong(found, 'a number of 0 or more');
  }

  text(...keys: readonly string[]): string | undefined {
    const found = this.first(keys);
    if (found === undefined) return undefined;
    if (typeof found.value === 'string') return found.value;
    throw this.wrong(found, 'a string');
  }

  flag(...keys: readonly string[]): boolean | undefined {
    const found = this.first(keys);
    if (found === undefined) return undefined;
    if (typeof found.value === 'boolean') return found.value;
    throw this.wrong(found, 'true or false');
  }

  numbers(...keys: readonly string[]): readonly number[] | undefined {
    const found = this.first(keys);
    if (found === undefined) return undefined;
    const { value } = found;
    if (Array.isArray(value) && value.every((one) => typeof one === 'number' && one >= 0)) return value as number[];
    throw this.wrong(found, 'a list of numbers');
  }

  object(...keys: readonly string[]): CaseRecord | undefined {
    const found = this.first(keys);
    if (found === undefined) return undefined;
    if (isRecord(found.value)) return found.value;
    throw this.wrong(found, 'an object');
  }

  private first(keys: readonly string[]): { key: string; value: unknown } | undefined {
    const key = keys.find((one) => this.record[one] !== undefined && this.record[one] !== null);
    return key === undefined ? undefined : { key, value: this.record[key] };
  }

  private wrong({ key, value }: { key: string; value: unknown }, expected: string): FootprintCaseError {
    return new FootprintCaseError(`"${this.place}.${key}" is ${JSON.stringify(value)}; expected ${expected}.`);
  }
}
