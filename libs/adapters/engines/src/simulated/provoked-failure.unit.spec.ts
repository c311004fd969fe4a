import { provokedFailure } from './provoked-failure.js';

const said = (content: string) => [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content },
];

describe('a failure that a message asks for', () => {
  it('is taken out of the message', () => {
    expect(provokedFailure(said('Hello [simulated: hang after 3 tokens]'))).toEqual({
      failure: { kind: 'hang', afterTokens: 3 },
      messages: said('Hello'),
    });
  });

  it.each(['Hello', '[simulated: explode after 3 tokens]', '[simulated: crash]', ''])(
    'is not seen in %j',
    (content) => {
      const messages = said(content);
      expect(provokedFailure(messages)).toEqual({ failure: undefined, messages });
    },
  );

  it('is read from the last message only', () => {
    const messages = [...said('[simulated: crash after 0 tokens]'), { role: 'user', content: 'Go on.' }];
    expect(provokedFailure(messages).failure).toBeUndefined();
  });
});
