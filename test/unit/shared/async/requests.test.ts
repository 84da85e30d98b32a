import { askStatus, cancelAsync, submitAsync } from '../../../../nodes/shared/async/requests';
import type { BasetenRequest } from '../../../../nodes/shared/http/client';
import { toConnection } from '../../../../nodes/shared/connection/connection';

const { endpoints } = toConnection({ apiKey: 'key-123' });
const OWNER = { kind: 'model', id: 'abcd1234' } as const;

/** A Baseten that responds with these bodies, one after the other. */
function baseten(...responses: Array<{ body: unknown; attempts?: number }>) {
  const methods: string[] = [];
  const starting: Array<boolean | undefined> = [];
  const send = async ({ method, startsWork }: BasetenRequest) => {
    methods.push(method);
    starting.push(startsWork);
    const { body, attempts } = responses.shift() ?? { body: '' };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { status: 200, headers: {}, body: Buffer.from(text), attempts };
  };
  return { methods, starting, send };
}

describe('a submission', () => {
  const SUBMISSION = {
    owner: OWNER,
    target: { type: 'production' as const },
    body: { model_input: 1 },
  };
  const submit = async (body: object | string) =>
    await submitAsync(baseten({ body }).send, endpoints, SUBMISSION);

  test('has the ID that Baseten gives it', async () => {
    expect(await submit({ request_id: 'r1' })).toBe('r1');
  });

  test('is not sent again once it was taken', async () => {
    const server = baseten({ body: { request_id: 'r1' } });
    await submitAsync(server.send, endpoints, SUBMISSION);
    expect(server.starting).toStrictEqual([true]);
  });

  test.each(['', '{"request_id":"r', '\0\ufffd', '{"request_id":"r1"}{'])(
    'whose response is %j was taken, and its ID is lost',
    async (body) => {
      await expect(submit(body)).rejects.toMatchObject({
        message: 'Model abcd1234 took the request, but the response with its request ID was lost',
        hint: expect.not.stringMatching(/try again/i),
      });
    },
  );

  test.each([
    ['<html><title>Sign in</title>', 'is not complete JSON'],
    ['[]', 'does not look like one from Baseten'],
    ['{}', 'has no request ID'],
    ['{"request_id":""}', 'has no request ID'],
  ])('whose response is %j did not come from Baseten', async (body, words) => {
    await expect(submit(body)).rejects.toThrow(words);
  });
});

describe('a cancellation', () => {
  const NOT_CANCELED = { request_id: 'r', canceled: false, message: 'It is not QUEUED.' };
  const cancel = async ({ send }: ReturnType<typeof baseten>) =>
    await cancelAsync(send, endpoints, OWNER, 'r');

  test('is what Baseten says', async () => {
    const said = { request_id: 'r', canceled: true, message: 'Canceled.' };
    const server = baseten({ body: said, attempts: 2 });
    expect(await cancel(server)).toStrictEqual(said);
    expect(server.methods).toStrictEqual(['DELETE']);
  });

  test.each([1, undefined])('that fails at attempt %j is none', async (attempts) => {
    const server = baseten({ body: NOT_CANCELED, attempts });
    expect(await cancel(server)).toStrictEqual(NOT_CANCELED);
    expect(server.methods).toStrictEqual(['DELETE']);
  });

  test('that fails at a repeat is one if the request is canceled', async () => {
    const server = baseten({ body: NOT_CANCELED, attempts: 2 }, { body: { status: 'CANCELED' } });
    expect(await cancel(server)).toMatchObject({ request_id: 'r', canceled: true });
    expect(server.methods).toStrictEqual(['DELETE', 'GET']);
  });

  test.each(['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'EXPIRED'])(
    'that fails at a repeat is none if the request is %s',
    async (status) => {
      const server = baseten({ body: NOT_CANCELED, attempts: 3 }, { body: { status } });
      expect(await cancel(server)).toStrictEqual(NOT_CANCELED);
    },
  );

  test.each(['', 'null', '[]', '{}', '{"canceled":null}', '{"canceled":"true"}'])(
    'of which Baseten says %j is an error',
    async (body) => {
      await expect(cancel(baseten({ body }))).rejects.toThrow(
        'does not look like one from Baseten',
      );
    },
  );
});

test.each(['', 'null', '[]', '{}', '{"status":null}', '{"status":""}', '{"status":5}'])(
  'a status of %j is an error, so that no loop asks for ever',
  async (body) => {
    const { send } = baseten({ body });
    await expect(askStatus(send, endpoints, OWNER, 'r')).rejects.toThrow(
      'The response of async request r of model abcd1234 does not look like one from Baseten',
    );
  },
);

test('a status that is not known yet is passed on', async () => {
  const { send } = baseten({ body: { status: 'PAUSED' } });
  expect(await askStatus(send, endpoints, OWNER, 'r')).toStrictEqual({ status: 'PAUSED' });
});
