import { toConnectionWithKey } from '../../../../nodes/shared/connection/connection';
import type { BasetenResponse } from '../../../../nodes/shared/http/client';
import { Memory } from '../../../../nodes/shared/knowledge/memory';
import { servedModelOf } from '../../../../nodes/shared/knowledge/servedModel';
import { realTime } from '../../../../nodes/shared/time';

const connection = toConnectionWithKey({ apiKey: 'key-123' });
const question = {
  connection,
  owner: { kind: 'model', id: 'abcd1234' },
  target: { type: 'production' },
} as const;
const names = (...ids: string[]) =>
  ({
    status: 200,
    headers: {},
    body: Buffer.from(JSON.stringify({ data: ids.map((id) => ({ id })) })),
  }) as unknown as BasetenResponse;

test('a run that is stopped takes the name from no other run that waits for it', async () => {
  const memory = new Memory(realTime);
  let stop = (_reason: Error) => {};
  const stopped = new Promise<BasetenResponse>((_resolve, reject) => (stop = reject));
  const first = servedModelOf({ ...question, send: async () => await stopped }, memory);
  const asked = jest.fn(async () => names('qwen'));
  const second = servedModelOf({ ...question, send: asked }, memory);
  stop(new Error('The execution was cancelled'));
  expect(await Promise.all([first, second])).toStrictEqual(['baseten', 'qwen']);
  expect(asked).toHaveBeenCalledTimes(1);
});

test('a question that several share is asked once, and has no name if the server fails', async () => {
  const memory = new Memory(realTime);
  const send = jest.fn(async () => await Promise.reject(new Error('stopped')));
  expect(await servedModelOf({ ...question, send }, memory)).toBe('baseten');
  const asked = jest.fn(async () => names('qwen', 'other'));
  const both = [1, 2].map(async () => await servedModelOf({ ...question, send: asked }, memory));
  expect(await Promise.all(both)).toStrictEqual(['qwen', 'qwen']);
  expect(asked).toHaveBeenCalledTimes(1);
});
