import { BasetenError } from '../../../../nodes/shared/errors/basetenError';
import { Memory } from '../../../../nodes/shared/knowledge/memory';
import { fakeTime } from '../../../support/clock';

/** A memory with a question that counts how often it is asked. */
function remembering(answer: () => Promise<unknown> = async () => 'answer') {
  const time = fakeTime();
  const memory = new Memory(time);
  const ask = jest.fn(answer);
  const recall = async (key = 'a', freshFor = 1000) => await memory.recall(key, freshFor, ask);
  return { time, ask, recall };
}

const refusal = (fields: Partial<BasetenError>) =>
  new BasetenError('No', { kind: 'http', hint: '', ...fields });

test('an answer is asked for once while it is fresh, and again afterwards', async () => {
  const { time, ask, recall } = remembering();
  await recall();
  await time.wait(999);
  expect(await recall()).toBe('answer');
  expect(ask).toHaveBeenCalledTimes(1);
  await time.wait(1);
  await recall();
  expect(ask).toHaveBeenCalledTimes(2);
});

test('who asks at the same time shares the question', async () => {
  const { ask, recall } = remembering();
  await Promise.all([recall(), recall(), recall('b')]);
  expect(ask).toHaveBeenCalledTimes(2);
});

test('a refusal is remembered for 30 seconds', async () => {
  const { time, ask, recall } = remembering(async () => {
    throw refusal({ status: 403 });
  });
  await expect(recall()).rejects.toThrow('No');
  await time.wait(29_999);
  await expect(recall()).rejects.toThrow('No');
  expect(ask).toHaveBeenCalledTimes(1);
  await time.wait(1);
  await expect(recall()).rejects.toThrow('No');
  expect(ask).toHaveBeenCalledTimes(2);
});

test.each([
  ['a failure that passes', refusal({ status: 503, isPassing: true })],
  ['a lost connection', refusal({ kind: 'connection' })],
  ['any other error', new Error('No')],
])('%s is not remembered', async (_, error) => {
  const { ask, recall } = remembering(async () => {
    throw error;
  });
  await expect(recall()).rejects.toThrow('No');
  await expect(recall()).rejects.toThrow('No');
  expect(ask).toHaveBeenCalledTimes(2);
});

test('the oldest of more than 500 answers is forgotten', async () => {
  const { ask, recall } = remembering();
  for (let count = 0; count <= 500; count++) await recall(String(count));
  ask.mockClear();
  await recall('1');
  expect(ask).not.toHaveBeenCalled();
  await recall('0');
  expect(ask).toHaveBeenCalledTimes(1);
});

test('large answers push out older ones, and one that is too large is not kept', async () => {
  const { ask, recall } = remembering(async () => 'a'.repeat(9_000_000));
  for (const key of ['one', 'two', 'three']) await recall(key);
  ask.mockClear();
  await recall('two');
  await recall('three');
  expect(ask).not.toHaveBeenCalled();
  await recall('one');
  expect(ask).toHaveBeenCalledTimes(1);
  const huge = remembering(async () => 'a'.repeat(21_000_000));
  await huge.recall();
  await huge.recall();
  expect(huge.ask).toHaveBeenCalledTimes(2);
});
