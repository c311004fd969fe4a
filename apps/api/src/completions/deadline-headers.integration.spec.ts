import { echo, startApi, type ApiUnderTest } from '../../test/api-under-test.js';
import { expectError, post, question } from '../../test/requests.js';
import type { ChatCall } from './complete-chat-port.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe('deadlines of a call', () => {
  it('come with its headers', async () => {
    let heard: ChatCall['deadlines'] | undefined;
    api.completeChat = (call) => {
      heard = call.deadlines;
      return echo(call);
    };
    await post(api, question, { headers: { 'x-millrace-start-deadline-ms': '250' } });
    expect(heard).toEqual({ startDeadlineMs: 250 });
  });

  it('are refused with the name of their header', async () => {
    const response = await post(api, question, { headers: { 'x-millrace-inter-token-deadline-ms': 'soon' } });
    expect(await expectError(response, 400)).toMatchObject({
      type: 'invalid_request_error',
      param: 'x-millrace-inter-token-deadline-ms',
    });
  });
});
