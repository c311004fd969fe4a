import { execFileSync } from 'node:child_process';
import { readyText } from './ready-text.js';

const FACTS = {
  baseUrl: 'http://127.0.0.1:8080',
  operatorKey: 'mr-operator-a',
  apiKey: 'mr-inference-b',
  agentKey: 'mr-agent-c',
  model: 'millrace-tiny',
  logs: '/home/me/.millrace/logs',
};

function curlArguments(text: string): string[] {
  const line = text.split('\n').find((candidate) => candidate.trim().startsWith('curl ')) ?? '';
  const printed = execFileSync('/bin/sh', ['-c', `curl() { for a; do printf '%s\\n' "$a"; done; }; ${line}`]);
  return printed.toString().trim().split('\n');
}

describe('the text of a finished start', () => {
  it('holds address, keys and model', () => {
    for (const fact of Object.values(FACTS)) expect(readyText(FACTS)).toContain(fact);
  });

  it('has a curl line that a shell takes as it is, whatever the name of the model', () => {
    const received = curlArguments(readyText({ ...FACTS, model: `it's "mine"` }));
    expect(received).toContain('http://127.0.0.1:8080/v1/chat/completions');
    expect(received).toContain('Authorization: Bearer mr-inference-b');
    expect(JSON.parse(received.at(-1) ?? '')).toMatchObject({ model: `it's "mine"` });
  });
});
