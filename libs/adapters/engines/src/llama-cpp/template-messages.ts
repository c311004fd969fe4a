import type { PromptMessage, ToolUse } from '../engine-driver.js';

/** A message in the shape that chat templates are written for. */
export interface TemplateMessage {
  role: string;
  content: string;
  name?: string;
  tool_call_id?: string;
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: unknown } }[];
}

export type Tool = ToolUse['tools'][number];

/** Templates read the results of tools under the role `tool` only; `function` is its older name. */
export function templateMessage({ role, content, name, toolCallId, toolCalls }: PromptMessage): TemplateMessage {
  return {
    role: role === 'function' ? 'tool' : role,
    content,
    ...(name !== undefined && { name }),
    ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
    ...(toolCalls !== undefined && {
      tool_calls: toolCalls.map((call) => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: argumentsOf(call.arguments) },
      })),
    }),
  };
}

/** A tool as templates list it. Many walk through `parameters.properties` without asking whether they are there. */
export function templateTool({ name, description = '', parameters }: Tool): Record<string, unknown> {
  return {
    type: 'function',
    function: { name, description, parameters: parameters ?? { type: 'object', properties: {} } },
  };
}

/** Templates write the arguments as JSON themselves. What a model once wrote need not be valid: that stays text. */
function argumentsOf(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return json;
  }
}
