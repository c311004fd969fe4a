import { answerCase, type FootprintCase } from '@millrace/domain/footprint';
import { footprintAnswer, type FootprintAnswer } from './footprint-answer.js';

/** Answers a case by the formula. */
export function footprintOfCase(question: FootprintCase): FootprintAnswer {
  const { perDevice, assumptions, kvTokens, utilisation } = answerCase(question);
  const name = question.model['name'];
  return footprintAnswer({
    engine: question.engine,
    model: typeof name === 'string' ? name : '',
    tier: 'formula',
    perDevice,
    assumptions,
    ...(kvTokens === undefined ? {} : { kvTokens }),
    ...(utilisation === undefined ? {} : { gpuMemoryUtilization: utilisation }),
  });
}
