import { readOptionalSettings, readSettings, SettingsError } from './read-settings.js';

describe('readSettings', () => {
  it('reads the named variables and converts them', () => {
    const read = readSettings(['PORT', 'MILLRACE_HOST'], { PORT: '9000', MILLRACE_HOST: '0.0.0.0' });

    expect(read).toEqual({ PORT: 9000, MILLRACE_HOST: '0.0.0.0' });
  });

  it('takes the default when a variable is absent or empty', () => {
    expect(readSettings(['PORT'], {})).toEqual({ PORT: 8080 });
    expect(readSettings(['PORT'], { PORT: '' })).toEqual({ PORT: 8080 });
  });

  it('names a MILLRACE_ variable that is no setting, even when nobody asked for it', () => {
    expect(() => readSettings(['PORT'], { MILLRACE_PROT: '1' })).toThrow(/^MILLRACE_PROT is not a setting of millrace/);
    expect(() => readOptionalSettings([], { MILLRACE_PROT: '1' })).toThrow(SettingsError);
  });

  it('leaves variables of other programs alone', () => {
    expect(readSettings(['PORT'], { HOME: '/root', MILLRACES: 'x' })).toEqual({ PORT: 8080 });
  });

  it('names a missing variable and says what it is for', () => {
    expect(() => readSettings(['DATABASE_URL'], {})).toThrow(/^DATABASE_URL is not set\. PostgreSQL, as /);
    expect(() => readSettings(['DATABASE_URL'], { DATABASE_URL: '' })).toThrow(/^DATABASE_URL is not set\./);
  });

  it.each([
    ['PORT', '70000'],
    ['PORT', 'eighty'],
    ['DATABASE_URL', 'mysql://localhost/a'],
    ['REDIS_URL', 'localhost:6379'],
    ['MILLRACE_LOG_LEVEL', 'loud'],
    ['MILLRACE_KEY_PEPPER', 'short'],
    ['MILLRACE_SCHEDULER_URL', 'scheduler'],
    ['MILLRACE_RUNNER_NAME', 'two words'],
    ['MILLRACE_START_DEADLINE_MS', '-1'],
  ] as const)('refuses %s=%s in a sentence that begins with its name', (name, value) => {
    expect(() => readSettings([name], { [name]: value })).toThrow(new RegExp(`^${name} is invalid: .+\\. .+`));
  });

  it('never repeats an invalid value, which may be a secret', () => {
    expect(() => readSettings(['MILLRACE_KEY_PEPPER'], { MILLRACE_KEY_PEPPER: 'hunter2' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') as string }) as Error,
    );
  });
});

describe('readOptionalSettings', () => {
  it('answers only what is set', () => {
    const read = readOptionalSettings(['DATABASE_URL', 'REDIS_URL'], { REDIS_URL: 'redis://127.0.0.1:6379' });

    expect(read).toEqual({ REDIS_URL: 'redis://127.0.0.1:6379' });
  });

  it('still refuses an invalid value', () => {
    expect(() => readOptionalSettings(['REDIS_URL'], { REDIS_URL: 'http://127.0.0.1' })).toThrow(
      /^REDIS_URL is invalid:/,
    );
  });
});

describe('MILLRACE_ENGINE_OPTIONS', () => {
  const optionsOf = (text: string) =>
    readSettings(['MILLRACE_ENGINE_OPTIONS'], { MILLRACE_ENGINE_OPTIONS: text }).MILLRACE_ENGINE_OPTIONS;

  it('is a JSON object', () => {
    expect(optionsOf('{"tokensPerSecond":50}')).toEqual({ tokensPerSecond: 50 });
  });

  it.each(['fast', '[1]', '5', '{"a":'])('refuses %s', (text) => {
    expect(() => optionsOf(text)).toThrow(/^MILLRACE_ENGINE_OPTIONS is invalid: it is not a JSON object\./);
  });
});

describe('MILLRACE_LABELS', () => {
  const labelsOf = (text: string) => readSettings(['MILLRACE_LABELS'], { MILLRACE_LABELS: text }).MILLRACE_LABELS;

  it('is a list of k=v pairs', () => {
    expect(labelsOf('zone=a,gpu=h200')).toEqual({ zone: 'a', gpu: 'h200' });
  });

  it('is empty by default and may hold an empty value', () => {
    expect(labelsOf('')).toEqual({});
    expect(labelsOf('spot=')).toEqual({ spot: '' });
  });

  it.each(['zone', '=a', 'zone=a=b'])('refuses %s and shows the pair', (pair) => {
    expect(() => labelsOf(`good=1,${pair}`)).toThrow(`"${pair}" is not of the form k=v`);
  });
});
