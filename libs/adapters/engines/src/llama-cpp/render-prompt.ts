import { Template } from '@huggingface/jinja';
import { EngineError } from '../engine-driver.js';
import type { GenerateRequest, PromptMessage } from '../engine-driver.js';
import { formatTime } from './format-time.js';
import { needsTools, plainTools } from './plain-tools.js';
import { probeToolForm } from './probe-tool-form.js';
import type { ToolForm } from './probe-tool-form.js';
import { templateMessage, templateTool } from './template-messages.js';
import type { TemplateMessage } from './template-messages.js';

/** The parts of a request that its prompt is made of. */
export type PromptParts = Pick<GenerateRequest, 'messages' | 'toolUse' | 'renderedAtMs'>;

/** What a prompt is rendered from besides the messages. */
export interface PromptTemplate {
  /** The artifact's own chat template; ChatML when it has none. */
  template: string | undefined;
  beginOfText: string;
  endOfText: string;
}

const CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** The library's own clock is taken out of the template's reach; `{{ '' }}` keeps a first line break of the template. */
const WITH_OUR_CLOCK = "{% set strftime_now = strftime_at %}{{ '' }}";

/** Turns messages and tools into the text that the model was trained on. The same input always gives the same prompt. */
export class PromptRenderer {
  /** How the model was trained to write calls; undefined where the prompt has to explain it. */
  readonly toolForm: ToolForm | undefined;
  private readonly template: Template;
  private readonly knowsDeveloper: boolean;

  constructor(private readonly options: PromptTemplate) {
    const source = options.template ?? CHATML;
    this.template = new Template(WITH_OUR_CLOCK + source);
    this.knowsDeveloper = source.includes('developer');
    this.toolForm = probeToolForm((messages, tools) => this.fill({ messages, tools, renderedAtMs: 0 }));
  }

  /** Throws EngineError `invalid_request` when the template refuses the order of the messages. */
  render({ messages, toolUse, renderedAtMs }: PromptParts): string {
    const known = joinLeadingSystem(this.knowsDeveloper ? messages : messages.map(developerAsSystem));
    const tools = toolUse?.tools ?? [];
    if (!needsTools(known, tools)) return this.fillOrFold(known, [], renderedAtMs);
    if (this.toolForm === undefined) return this.fillOrFold(plainTools(known, tools), [], renderedAtMs);
    return this.fillOrFold(known, tools.map(templateTool), renderedAtMs);
  }

  private fillOrFold(known: readonly PromptMessage[], tools: readonly unknown[], renderedAtMs: number): string {
    try {
      return this.fill({ messages: known.map(templateMessage), tools, renderedAtMs });
    } catch (error) {
      const folded = foldSystem(known);
      if (folded === undefined) throw refusal(error);
      return this.fillFolded({ messages: folded.map(templateMessage), tools, renderedAtMs });
    }
  }

  private fillFolded(parts: TemplateParts): string {
    try {
      return this.fill(parts);
    } catch (error) {
      throw refusal(error);
    }
  }

  private fill({ messages, tools, renderedAtMs }: TemplateParts): string {
    return this.template.render({
      messages: messages.map((message) => ({ ...message })),
      ...(tools.length > 0 && { tools }),
      add_generation_prompt: true,
      bos_token: this.options.beginOfText,
      eos_token: this.options.endOfText,
      strftime_at: (format: string) => formatTime(renderedAtMs, format),
    });
  }
}

interface TemplateParts {
  messages: readonly TemplateMessage[];
  tools: readonly unknown[];
  renderedAtMs: number;
}

function developerAsSystem(message: PromptMessage): PromptMessage {
  return message.role === 'developer' ? { ...message, role: 'system' } : message;
}

/** Many templates read one system message, the first, and skip others without a word. */
function joinLeadingSystem(messages: readonly PromptMessage[]): readonly PromptMessage[] {
  const firstOther = messages.findIndex((message) => message.role !== 'system');
  const count = firstOther < 0 ? messages.length : firstOther;
  if (count < 2) return messages;
  const contents = messages.slice(0, count).map((message) => message.content);
  return [{ role: 'system', content: contents.join('\n\n') }, ...messages.slice(count)];
}

/** For templates without a system role: its text leads the first user message. */
function foldSystem(messages: readonly PromptMessage[]): PromptMessage[] | undefined {
  const system = messages.filter((message) => message.role === 'system').map((message) => message.content);
  const rest = messages.filter((message) => message.role !== 'system');
  const first = rest.findIndex((message) => message.role === 'user');
  if (system.length === 0 || first < 0) return undefined;
  return rest.map((message, index) =>
    index === first ? { ...message, content: [...system, message.content].join('\n\n') } : message,
  );
}

function refusal(cause: unknown): EngineError {
  return new EngineError(
    'invalid_request',
    "The model's chat template does not accept this order of messages; most models expect an optional system message, then user and assistant in turns.",
    { param: 'messages', cause },
  );
}
