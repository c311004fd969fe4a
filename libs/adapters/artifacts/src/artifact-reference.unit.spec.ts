import { ArtifactError } from './artifact-error.js';
import { artifactFiles, modelNameOf, parseArtifactReference } from './artifact-reference.js';

describe('artifact references', () => {
  it('name a file on this machine by its path', () => {
    expect(parseArtifactReference('/models/a.gguf')).toEqual({ kind: 'local', path: '/models/a.gguf' });
    expect(parseArtifactReference('models/a.gguf')).toEqual({ kind: 'local', path: 'models/a.gguf' });
    expect(parseArtifactReference('C:\\models\\a.gguf')).toEqual({ kind: 'local', path: 'C:\\models\\a.gguf' });
  });

  it('name a file of the hub, also in folders and at a revision', () => {
    expect(parseArtifactReference('hf:Qwen/Qwen3-0.6B-GGUF/Q8_0/model.gguf#v1.0')).toEqual({
      kind: 'hub',
      owner: 'Qwen',
      repository: 'Qwen3-0.6B-GGUF',
      file: 'Q8_0/model.gguf',
      revision: 'v1.0',
    });
    expect(parseArtifactReference('hf:a/b/c.gguf')).toMatchObject({ revision: 'main' });
    expect(parseArtifactReference('hf:a/b/c.gguf#refs/pr/1')).toMatchObject({ revision: 'refs/pr/1' });
  });

  it('name a model without weights', () => {
    expect(parseArtifactReference('simulated:fast')).toEqual({ kind: 'simulated', name: 'fast' });
    expect(modelNameOf('simulated:fast')).toBe('fast');
  });

  it.each([
    '',
    'simulated:',
    'simulated:two words',
    'hf:owner/repository',
    'hf:owner/repository/weights.safetensors',
    'hf:owner/repository/../../secret.gguf',
    'hf:../repository/a.gguf',
    'hf:owner/repository/a.gguf#',
    'hf:owner/repository/a.gguf#../main',
    'hf:owner/repository/a.gguf#main#main',
    'https://example.org/a.gguf',
  ])('of an unknown or incomplete form are refused with what was expected: %s', (reference) => {
    expect(() => parseArtifactReference(reference)).toThrow(ArtifactError);
    expect(() => parseArtifactReference(reference)).toThrow(
      /expected a path .* hf:owner\/repository\/file\.gguf .* or simulated:name/,
    );
  });

  it('give the model its name', () => {
    expect(modelNameOf('/models/Millrace-Tiny.gguf')).toBe('Millrace-Tiny');
    expect(modelNameOf('hf:owner/repository/folder/qwen3-8b-q4.gguf#main')).toBe('qwen3-8b-q4');
    expect(modelNameOf('big-00001-of-00003.gguf')).toBe('big');
  });

  it('mean all parts of a split model when they name its first', () => {
    expect(artifactFiles('m/big-00001-of-00002.gguf')).toEqual([
      'm/big-00001-of-00002.gguf',
      'm/big-00002-of-00002.gguf',
    ]);
    expect(artifactFiles('small.gguf')).toEqual(['small.gguf']);
  });
});
