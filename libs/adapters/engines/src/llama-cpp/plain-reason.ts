import type { EngineFailure } from '../engine-host/hosted-engine.js';
import { withoutPaths } from '../engine-host/without-paths.js';

/** Engine lines that say more than "failed", with what they mean for the reader. */
const MEANINGS: readonly [pattern: RegExp, sentence: (match: RegExpExecArray) => string][] = [
  [/Invalid GGUF magic/i, () => 'The file is not a GGUF file.'],
  [/ENOENT/, () => 'The file does not exist.'],
  [/EACCES|EPERM/, () => 'The file may not be read by this user.'],
  [/EISDIR/, () => 'The path names a folder; a GGUF file was expected.'],
  [
    /not within the file bounds|corrupted or incomplete/i,
    () => 'The file is incomplete: it ends before the weights do.',
  ],
  [
    /unknown model architecture: '([^']+)'/i,
    ([, architecture]) => `This version of llama.cpp does not know the architecture "${architecture ?? ''}".`,
  ],
  [
    /unknown pre-tokenizer type: '([^']+)'/i,
    ([, tokenizer]) => `This version of llama.cpp does not know the tokenizer "${tokenizer ?? ''}".`,
  ],
  [
    /failed to read key-value|Failed to parse GGUF|gguf_init|out of range|Unsupported GGUF/i,
    () => 'The header of the file is damaged or incomplete.',
  ],
  [
    /failed to allocate|unable to allocate|bad_alloc|insufficient memory|out of memory/i,
    () => 'There is not enough memory for the model.',
  ],
  [/Failed to create context/i, () => 'There is not enough memory for the context.'],
  [/NoBinaryFound|no prebuilt binary/i, () => 'The llama.cpp binary for this platform is not installed.'],
];

/**
 * One plain sentence for a failure, from the error and the engine's last log lines.
 * Paths are left out: the sentence is shown to tenants.
 */
export function plainReason(error: unknown, logLines: readonly string[], failure: EngineFailure): string {
  const message = error instanceof Error ? error.message : String(error);
  const sources = [...logLines, message];
  for (const [pattern, sentence] of MEANINGS) {
    for (const line of sources) {
      const match = pattern.exec(line);
      if (match !== null) return sentence(match);
    }
  }
  const detail = withoutPaths(logLines.at(-1) ?? message);
  return `llama.cpp ${failure}: ${detail}.`;
}
