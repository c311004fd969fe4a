import { describeSettings, settingsHelp } from './describe-settings.js';

describe('the description of the settings', () => {
  it('names for each setting a command that reads it', () => {
    expect(describeSettings().filter(({ readBy }) => readBy.length === 0)).toEqual([]);
  });

  it('says of a process what it reads, with defaults and what must be set', () => {
    const help = settingsHelp('api');
    expect(help).toContain('  PORT (default: 8080)\n      Port of the public HTTP API.\n');
    expect(help).toContain('  DATABASE_URL (must be set)\n');
    expect(help).not.toContain('MILLRACE_JOIN_TOKEN');
  });
});
