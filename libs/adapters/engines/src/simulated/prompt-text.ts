import type { GenerateRequest, PromptMessage } from '../engine-driver.js';

/** What a model would be shown: its length is what a prompt costs, and the answer follows from it. */
export function promptText(messages: readonly PromptMessage[], { toolUse, format }: GenerateRequest): string {
  const tools = toolUse === undefined ? '' : `<|tools|>${JSON.stringify(toolUse.tools)}\n`;
  const wanted = format === undefined || format.kind === 'text' ? '' : `<|format|>${JSON.stringify(format)}\n`;
  return `${tools}${wanted}${messages.map(messageText).join('')}<|assistant|>\n`;
}

function messageText({ role, content, toolCalls }: PromptMessage): string {
  const calls = toolCalls === undefined ? '' : JSON.stringify(toolCalls);
  return `<|${role}|>\n${content}${calls}\n`;
}
