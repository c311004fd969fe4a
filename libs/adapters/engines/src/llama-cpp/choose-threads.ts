import type { LlamaModel } from 'node-llama-cpp';

/** Below this size a second thread costs more at ggml's barriers than it decodes. */
const ONE_THREAD_BYTES = 200 * 1000 * 1000;
const PROBE_TOKENS = 8;
const PROBE_LIMIT_MS = 2000;
/** A further thread must be worth this much, or shared cores make it worse under load. */
const WORTH_IT = 1.1;

/**
 * The number of CPU threads that decode fastest, by a short probe of 1, 2, 4… threads.
 * More threads than free cores stall each other, so the search ends at the first that does not help.
 */
export async function chooseThreads(model: LlamaModel, wanted: number | undefined): Promise<number> {
  if (wanted !== undefined) return wanted;
  if (model.size < ONE_THREAD_BYTES) return 1;
  let best = { threads: 1, tokensPerSecond: await probe(model, 1) };
  for (let threads = 2; threads <= model.llama.cpuMathCores; threads *= 2) {
    const tokensPerSecond = await probe(model, threads);
    if (tokensPerSecond < best.tokensPerSecond * WORTH_IT) break;
    best = { threads, tokensPerSecond };
  }
  return best.threads;
}

async function probe(model: LlamaModel, threads: number): Promise<number> {
  const context = await model.createContext({ contextSize: 256, sequences: 1, batchSize: 32, threads });
  try {
    const prompt = model.tokenize('The quick brown fox jumps over the lazy dog.');
    const startMs = performance.now();
    let tokens = 0;
    for await (const _id of context.getSequence().evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
      tokens += 1;
      if (tokens >= PROBE_TOKENS || performance.now() - startMs > PROBE_LIMIT_MS) break;
    }
    return (tokens * 1000) / (performance.now() - startMs);
  } finally {
    await context.dispose();
  }
}
