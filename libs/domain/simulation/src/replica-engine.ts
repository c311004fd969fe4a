import type { SimulatedModel } from './scenario.js';
import type { SimulatedRequest } from './workload.js';

/** Most prompt tokens in one step together with a token of each running sequence. */
const STEP_TOKENS = 512;
/** What is left of a whole token by rounding. */
const NOTHING = 1e-6;

interface Sequence {
  request: number;
  kvBytes: number;
  promptTokensLeft: number;
  /** Of `decodedTokens`: the sequence ends there. */
  endsAtTokens: number;
  generatedTokens: number;
}

/** A request whose replica ends before it does. */
export interface HandedOver {
  request: number;
  deliveredTokens: number;
  generatedTokens: number;
}

/** What a stretch of work brought, by index of the request. */
export interface Progress {
  firstTokens: number[];
  finished: number[];
}

/**
 * The engine of one replica with continuous batching: prompts are read one after the other, in steps that also give
 * each running sequence a token. Between two changes all rates are constant. Owns what the replica works on.
 */
export class ReplicaEngine {
  private readonly reading: Sequence[] = [];
  private readonly decoding: Sequence[] = [];
  /** Tokens that a sequence running from the start would have. */
  private decodedTokens = 0;
  private kvBytes = 0;

  constructor(private readonly model: SimulatedModel) {}

  get inFlight(): number {
    return this.reading.length + this.decoding.length;
  }

  hasRoomFor(request: SimulatedRequest): boolean {
    if (this.inFlight === 0) return true;
    return this.inFlight < this.model.slots && this.kvBytes + kvBytesOf(this.model, request) <= this.model.kvCacheBytes;
  }

  /** What was delivered already is read again with the prompt. */
  take(index: number, request: SimulatedRequest, deliveredTokens = 0): void {
    const kvBytes = kvBytesOf(this.model, request);
    this.kvBytes += kvBytes;
    const promptTokensLeft = request.contextTokens + deliveredTokens;
    const generatedTokens = request.generatedTokens - deliveredTokens;
    this.reading.push({ request: index, kvBytes, promptTokensLeft, endsAtTokens: 0, generatedTokens });
  }

  /** Ends all work: what each request would have to read and generate elsewhere to go on. */
  handOver(): HandedOver[] {
    const reading = this.reading.map(({ request, generatedTokens }) => ({
      request,
      deliveredTokens: 0,
      generatedTokens,
    }));
    const decoding = this.decoding.map(({ request, endsAtTokens, generatedTokens }) => ({
      request,
      deliveredTokens: generatedTokens - Math.ceil(endsAtTokens - this.decodedTokens),
      generatedTokens,
    }));
    this.reading.length = 0;
    this.decoding.length = 0;
    this.kvBytes = 0;
    return [...decoding, ...reading];
  }

  /** Until a prompt is read or a sequence ends, at this share of the devices' time; Infinity when idle. */
  secondsToChange(share: number): number {
    if (this.inFlight === 0) return Infinity;
    const { promptTokensPerSecond, tokensPerSecond } = this.rates();
    const reading = this.reading[0];
    const toFirstToken = reading === undefined ? Infinity : reading.promptTokensLeft / promptTokensPerSecond;
    const endsAtTokens = this.decoding.reduce((least, sequence) => Math.min(least, sequence.endsAtTokens), Infinity);
    const toEnd = (endsAtTokens - this.decodedTokens) / tokensPerSecond;
    return Math.max(0, Math.min(toFirstToken, toEnd)) / share;
  }

  /** Works for so long, at most until the next change. */
  advance(seconds: number, share: number): Progress | undefined {
    if (this.inFlight === 0) return undefined;
    const { promptTokensPerSecond, tokensPerSecond } = this.rates();
    if (this.decoding.length > 0) this.decodedTokens += tokensPerSecond * seconds * share;
    const reading = this.reading[0];
    if (reading !== undefined) reading.promptTokensLeft -= promptTokensPerSecond * seconds * share;
    return this.changed();
  }

  private changed(): Progress | undefined {
    const progress: Progress = { firstTokens: [], finished: [] };
    for (let index = this.decoding.length - 1; index >= 0; index -= 1) {
      const sequence = this.decoding[index];
      if (sequence === undefined || sequence.endsAtTokens - this.decodedTokens > NOTHING) continue;
      this.decoding.splice(index, 1);
      this.end(sequence, progress);
    }
    const read = this.reading[0];
    if (read !== undefined && read.promptTokensLeft <= NOTHING) {
      this.reading.shift();
      progress.firstTokens.push(read.request);
      if (read.generatedTokens <= 1) this.end(read, progress);
      else this.decoding.push({ ...read, endsAtTokens: this.decodedTokens + read.generatedTokens - 1 });
    }
    return progress.firstTokens.length + progress.finished.length > 0 ? progress : undefined;
  }

  private end(sequence: Sequence, progress: Progress): void {
    this.kvBytes -= sequence.kvBytes;
    progress.finished.push(sequence.request);
  }

  /** While the devices work for this replica alone. */
  private rates(): { promptTokensPerSecond: number; tokensPerSecond: number } {
    const { prefillTokensPerSecond, decodeSecondsBase, decodeSecondsPerSequence } = this.model;
    if (this.decoding.length === 0) return { promptTokensPerSecond: prefillTokensPerSecond, tokensPerSecond: 0 };
    const decodeSeconds = decodeSecondsBase + decodeSecondsPerSequence * this.decoding.length;
    if (this.reading.length === 0) return { promptTokensPerSecond: 0, tokensPerSecond: 1 / decodeSeconds };
    const stepSeconds = STEP_TOKENS / prefillTokensPerSecond + decodeSeconds;
    return { promptTokensPerSecond: STEP_TOKENS / stepSeconds, tokensPerSecond: 1 / stepSeconds };
  }
}

function kvBytesOf(model: SimulatedModel, { contextTokens, generatedTokens }: SimulatedRequest): number {
  return model.kvBytesPerToken * (contextTokens + generatedTokens);
}
