import { templateMessage, templateTool } from './template-messages.js';
import type { TemplateMessage } from './template-messages.js';

const NAME = 'probe_name';
const ARGUMENT = 'probe_argument';
const RESULT = 'probe_result';
const CALL = /<tool_call>(\s*)(\{.*\})\s*<\/tool_call>/s;

/** How a template writes a call: the white space between `<tool_call>` and the JSON. */
export interface ToolForm {
  space: string;
}

/**
 * Finds out by trying whether a template lists tools, shows their results and writes calls as
 * `<tool_call>{"name": …, "arguments": …}</tool_call>`. Undefined: it does not, or in a form of its own.
 */
export function probeToolForm(
  render: (messages: readonly TemplateMessage[], tools: readonly unknown[]) => string,
): ToolForm | undefined {
  const listed = templateTool({ name: `${NAME}_listed` });
  const call = { id: 'call_123456789', name: NAME, arguments: JSON.stringify({ [ARGUMENT]: 1 }) };
  const messages = [
    { role: 'user', content: 'probe' },
    { role: 'assistant', content: '', toolCalls: [call] },
    { role: 'tool', content: RESULT, name: NAME, toolCallId: call.id },
  ].map(templateMessage);
  let text: string;
  try {
    text = render(messages, [listed]);
  } catch {
    // The template refuses such messages: it knows no tools.
    return undefined;
  }
  const [, space, json] = CALL.exec(text.slice(text.lastIndexOf('<tool_call>'))) ?? [];
  if (space === undefined || json === undefined || !text.includes(`${NAME}_listed`) || !text.includes(RESULT)) {
    return undefined;
  }
  return isCall(json) ? { space } : undefined;
}

function isCall(json: string): boolean {
  try {
    const call: unknown = JSON.parse(json);
    const expected = { name: NAME, arguments: { [ARGUMENT]: 1 } };
    return JSON.stringify(call) === JSON.stringify(expected);
  } catch {
    // Qwen3-Coder, for one, writes XML between the same marks.
    return false;
  }
}
