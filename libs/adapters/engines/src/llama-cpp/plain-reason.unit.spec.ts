import { plainReason } from './plain-reason.js';

/** Recorded from llama.cpp and node-llama-cpp 3.22.1. */
const RECORDED: readonly [error: string, log: readonly string[], sentence: string][] = [
  ['Invalid GGUF magic. Expected "GGUF" but got "hell".', [], 'The file is not a GGUF file.'],
  [
    'Failed to load model',
    [
      "llama_model_load: error loading model: tensor 'blk.3.ffn_gate.weight' data is not within the file bounds, model is corrupted or incomplete",
    ],
    'The file is incomplete: it ends before the weights do.',
  ],
  [
    'Failed to load model',
    [
      "llama_model_load: error loading model: unknown model architecture: 'lloma'",
      'llama_model_load_from_file_impl: failed to load model',
    ],
    'This version of llama.cpp does not know the architecture "lloma".',
  ],
  [
    'The value of "size" is out of range. It must be >= 0 && <= 4294967296. Received 18_446_744_073_709_552_000',
    [],
    'The header of the file is damaged or incomplete.',
  ],
  ["ENOENT: no such file or directory, open '/tmp/models/missing.gguf'", [], 'The file does not exist.'],
];

describe('the reason of a failed load', () => {
  it.each(RECORDED)('is one plain sentence for %j', (error, log, sentence) => {
    expect(plainReason(new Error(error), log, 'could not load the model')).toBe(sentence);
  });

  it('keeps the engine`s own words, without paths, for what is not known', () => {
    const reason = plainReason(new Error('x'), ['odd thing in /home/ann/a.gguf happened'], 'could not load the model');
    expect(reason).toBe('llama.cpp could not load the model: odd thing in (path) happened.');
  });
});
