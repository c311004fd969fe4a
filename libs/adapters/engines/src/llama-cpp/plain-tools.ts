import type { PromptMessage } from '../engine-driver.js';
import { templateTool } from './template-messages.js';
import type { Tool } from './template-messages.js';

/** Whether the conversation holds something that only templates with tools can show. */
export function needsTools(messages: readonly PromptMessage[], tools: readonly Tool[]): boolean {
  return tools.length > 0 || messages.some((message) => isToolResult(message) || message.toolCalls !== undefined);
}

/**
 * The same conversation for a template without tools, or with a form of its own for calls: tools stand in the system
 * message, calls in the assistant's text, results in messages of the user.
 */
export function plainTools(messages: readonly PromptMessage[], tools: readonly Tool[]): PromptMessage[] {
  const plain: PromptMessage[] = [];
  for (const [index, message] of messages.entries()) {
    const previous = messages[index - 1];
    const last = plain.at(-1);
    if (!isToolResult(message)) {
      plain.push({ role: message.role, content: withCalls(message) });
    } else if (last !== undefined && previous !== undefined && isToolResult(previous)) {
      // Roles have to alternate in many templates, so the results of one turn share a message.
      last.content += `\n${resultText(message)}`;
    } else {
      plain.push({ role: 'user', content: resultText(message) });
    }
  }
  return tools.length === 0 ? plain : withToolList(plain, tools);
}

function isToolResult({ role }: PromptMessage): boolean {
  return role === 'tool' || role === 'function';
}

function resultText({ content }: PromptMessage): string {
  return `<tool_response>\n${content}\n</tool_response>`;
}

function withCalls({ content, toolCalls = [] }: PromptMessage): string {
  const calls = toolCalls.map(
    (call) => `<tool_call>\n{"name": ${JSON.stringify(call.name)}, "arguments": ${call.arguments}}\n</tool_call>`,
  );
  return [content, ...calls].filter((part) => part !== '').join('\n');
}

function withToolList(messages: PromptMessage[], tools: readonly Tool[]): PromptMessage[] {
  const list = [
    '# Tools',
    'You can call these tools:',
    '<tools>',
    ...tools.map((tool) => JSON.stringify(templateTool(tool))),
    '</tools>',
    'To call a tool, answer with <tool_call>{"name": ..., "arguments": ...}</tool_call>.',
    'The results come back inside <tool_response></tool_response>.',
  ].join('\n');
  const [first, ...rest] = messages;
  if (first?.role === 'system') return [{ ...first, content: `${first.content}\n\n${list}` }, ...rest];
  return [{ role: 'system', content: list }, ...messages];
}
