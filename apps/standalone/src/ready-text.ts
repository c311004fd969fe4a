/** What a person sees once everything runs: where, with which keys, and a line to paste. */
export function readyText(facts: {
  baseUrl: string;
  operatorKey: string;
  apiKey: string;
  agentKey: string;
  model: string;
  logs: string;
}): string {
  const body = { model: facts.model, messages: [{ role: 'user', content: 'What is the capital of France?' }] };
  return [
    'millrace is ready.',
    '',
    `  Address       ${facts.baseUrl}`,
    `  Operator key  ${facts.operatorKey}`,
    `  API key       ${facts.apiKey}`,
    `  Agent key     ${facts.agentKey}`,
    `  Model         ${facts.model}`,
    `  Logs          ${facts.logs}`,
    '',
    'Try it:',
    '',
    `  curl ${facts.baseUrl}/v1/chat/completions ` +
      `-H ${shellQuoted(`Authorization: Bearer ${facts.apiKey}`)} ` +
      `-H 'Content-Type: application/json' -d ${shellQuoted(JSON.stringify(body))}`,
    '',
    'Ctrl-C stops everything; keys and data are kept.',
  ].join('\n');
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
