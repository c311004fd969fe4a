/** That a prompt leaves no room for an answer, as OpenAI words it; `tokens` may be a bound ("at least 9000"). */
export function contextExceededMessage(contextLength: number, tokens: string): string {
  return `This model's maximum context length is ${String(contextLength)} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`;
}
