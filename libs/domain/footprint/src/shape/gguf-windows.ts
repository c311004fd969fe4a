import type { GgufNumbers } from './gguf-facts.js';

interface WindowHabit {
  /** Every so many layers one looks at the whole context. */
  every: number;
  /** That one comes first, not last. */
  fullFirst?: boolean;
  /** Window where the file names none; left out: then the model has no windows. */
  window?: number;
  /** The window is this, whatever the file says. */
  fixed?: boolean;
}

/** Architectures whose windows llama.cpp knows by itself (src/models/*.cpp, `load_swa_pattern`). */
const HABITS: Readonly<Record<string, WindowHabit>> = {
  afmoe: { every: 4 },
  cohere2: { every: 4 },
  cohere2moe: { every: 4, fullFirst: true },
  exaone4: { every: 4, window: 4096 },
  'exaone-moe': { every: 4, window: 128 },
  gemma2: { every: 2, window: 4096 },
  gemma3: { every: 6 },
  gemma3n: { every: 5 },
  'gpt-oss': { every: 2 },
  laguna: { every: 4, fullFirst: true },
  llama4: { every: 4, window: 8192, fixed: true },
  mellum: { every: 4 },
  olmo2: { every: 4 },
  plamo3: { every: 8 },
  smallthinker: { every: 4, fullFirst: true, window: 4096 },
};

/** Architectures that give one entry for each layer, and have windows only then. */
const LISTED = new Set(['gemma4', 'dots3note', 'granite_swa', 'maple', 'mimo2', 'spark2-5', 'step35']);

/** EXAONE 4 has windows in its 32B version only, which llama.cpp tells by the number of layers. */
const EXAONE4_LAYERS_WITH_WINDOWS = 64;

/**
 * The window in tokens of each layer, undefined for layers that look at the whole context.
 * Source: `load_arch_hparams` of each architecture in llama.cpp.
 */
export function windowsOf(architecture: string, numbers: GgufNumbers, layers: number): (number | undefined)[] {
  const window = windowTokens(architecture, numbers, layers);
  return Array.from({ length: layers }, (_, layer) =>
    window > 0 && isWindowed(architecture, numbers, layer) ? window : undefined,
  );
}

function windowTokens(architecture: string, numbers: GgufNumbers, layers: number): number {
  const habit = HABITS[architecture];
  const stated = numbers.one('attention.sliding_window');
  if (architecture === 'lfm2' || architecture === 'lfm2moe' || LISTED.has(architecture)) return stated;
  if (habit === undefined) return 0;
  if (architecture === 'exaone4' && layers !== EXAONE4_LAYERS_WITH_WINDOWS) return 0;
  if (numbers.has('attention.sliding_window') && stated === 0) return 0;
  if (habit.fixed === true) return habit.window ?? 0;
  return stated > 0 ? stated : (habit.window ?? 0);
}

function isWindowed(architecture: string, numbers: GgufNumbers, layer: number): boolean {
  if (architecture === 'lfm2' || architecture === 'lfm2moe') return true;
  const listed = numbers.list('attention.sliding_window_pattern');
  if (listed !== undefined) return Boolean(listed[layer]);
  const habit = HABITS[architecture];
  if (habit === undefined) return false;
  const every = numbers.one('attention.sliding_window_pattern', habit.every);
  if (every === 0) return true;
  return habit.fullFirst === true ? layer % every !== 0 : layer % every < every - 1;
}
