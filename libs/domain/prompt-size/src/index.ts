/** Can this prompt fit, as far as one can tell without its tokenizer? */
export { contextExceededMessage } from './context-exceeded-message.js';
export { leastPromptTokens } from './least-prompt-tokens.js';
