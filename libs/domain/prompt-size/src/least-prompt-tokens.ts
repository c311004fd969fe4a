/** What of a prompt becomes tokens. */
export interface SizedPrompt {
  messages: readonly SizedMessage[];
  toolUse?: { tools: readonly object[] } | undefined;
}

interface SizedMessage {
  content: string;
  toolCalls?: readonly { arguments: string }[] | undefined;
}

/** Longer than any token of the vocabularies in use, whose longest are runs of spaces or dashes. */
const MOST_BYTES_PER_TOKEN = 256;

/**
 * A lower bound of the prompt's tokens, without rendering it: rendering and tokenizing 20 MB takes the engine seconds
 * in which it serves nobody else, so what cannot fit is refused by this first. Every message costs one token at least.
 */
export function leastPromptTokens({ messages, toolUse }: SizedPrompt): number {
  const bytes = messages.reduce((sum, message) => sum + messageBytes(message), 0);
  const toolBytes = toolUse === undefined ? 0 : Buffer.byteLength(JSON.stringify(toolUse.tools));
  return Math.max(messages.length, Math.ceil((bytes + toolBytes) / MOST_BYTES_PER_TOKEN));
}

function messageBytes({ content, toolCalls = [] }: SizedMessage): number {
  return toolCalls.reduce((sum, call) => sum + Buffer.byteLength(call.arguments), Buffer.byteLength(content));
}
