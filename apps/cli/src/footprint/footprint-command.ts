import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Terminal } from '../client/terminal.js';

/** What `./millrace footprint` was asked. */
export interface FootprintOptions {
  from?: string;
  check?: string;
  context?: number;
  slots?: number;
  batch: number;
  cacheType: string;
  flashAttention: boolean;
  device: 'cpu' | 'gpu';
  formula?: true;
  json?: true;
}

const ABOUT = `
Reads the header of the artifact only: a GGUF file here, or hf:owner/repository/file.gguf by ranges. On the CPU a file
here is planned by llama.cpp itself without allocating (tier engine_dry_run); all else is computed (tier formula).

A case is a JSON file {"engine": "llama-cpp" | "vllm", "model": {"name": …}, "config": {"ctx": …}}; docs/footprint.md
lists its fields.
`;

/** Adds `footprint`: how much memory a model needs, before anything is loaded. */
export function addFootprint(program: Command, terminal: Terminal): void {
  program
    .command('footprint')
    .description('how much memory a model needs on each device, before anything is loaded')
    .argument('[artifact]', 'a .gguf file, or hf:owner/repository/file.gguf')
    .option('--from <file>', 'answer the case in this file instead')
    .option('--check <file>', 'answer all cases of this file and show how far off each known number is')
    .option('--context <tokens>', 'tokens that each slot holds', wholeNumber)
    .option('--slots <number>', 'answers at once', wholeNumber)
    .option('--batch <tokens>', 'most tokens of one step', wholeNumber, 512)
    .addOption(
      new Option('--cache-type <type>', 'type of the KV cache').choices(['f16', 'q8_0', 'q4_0']).default('f16'),
    )
    .option('--no-flash-attention', 'compute attention with whole scores')
    .addOption(new Option('--device <kind>', 'what the model is to run on').choices(['cpu', 'gpu']).default('cpu'))
    .option('--formula', 'compute, although llama.cpp could plan')
    .option('--json', 'print JSON')
    .addHelpText('after', ABOUT)
    .action(async (artifact: string | undefined, options: FootprintOptions) => {
      const { runFootprint } = await import('./run-footprint.js');
      await runFootprint(artifact, options, terminal);
    });
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes a whole number above 0.');
}
