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
  devices?: number;
  formula?: true;
  json?: true;
}

const ABOUT = `
Reads headers only, of a hub by ranges: of a GGUF file (a path, hf:owner/repository/file.gguf), or of a checkpoint for
vLLM (a folder, hf:owner/repository: config.json and safetensors). A GGUF file on the CPU is planned by llama.cpp itself
without allocating (tier engine_dry_run); all else is computed (tier formula).

A case is a JSON file {"engine": "llama-cpp" | "vllm", "model": {"name": …}, "config": {"ctx": …}}; docs/footprint.md
lists its fields.
`;

/** Adds `footprint`: how much memory a model needs, before anything is loaded. */
export function addFootprint(program: Command, terminal: Terminal): void {
  program
    .command('footprint')
    .description('how much memory a model needs on each device, before anything is loaded')
    .argument('[artifact]', 'a .gguf file, a folder, hf:owner/repository/file.gguf or hf:owner/repository')
    .option('--from <file>', 'answer the case in this file instead')
    .option('--check <file>', 'answer all cases of this file and show how far off each known number is')
    .option('--context <tokens>', 'tokens that each slot holds', wholeNumber)
    .option('--slots <number>', 'answers at once', wholeNumber)
    .option('--batch <tokens>', 'most tokens of one step', wholeNumber, 512)
    .addOption(
      new Option('--cache-type <type>', 'type of the KV cache').choices(['f16', 'q8_0', 'q4_0', 'fp8']).default('f16'),
    )
    .option('--no-flash-attention', 'compute attention with whole scores')
    .addOption(new Option('--device <kind>', 'what the model is to run on').choices(['cpu', 'gpu']).default('cpu'))
    .option('--devices <number>', 'GPUs: a layer split for a GGUF file, tensor parallel for a checkpoint', wholeNumber)
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
