/** Hears the parts of one answer as they become certain. Pieces of a part join to the whole of it. */
export interface AnswerParts {
  reasoning(text: string): void;
  content(text: string): void;
  /** A call begins; `index` counts the calls of the answer from 0, `id` is the same in every attempt of a job. */
  callStarted(call: { index: number; id: string; name: string }): void;
  /** The next piece of the arguments, as the model writes them: JSON once they are complete. */
  callArguments(index: number, json: string): void;
}
