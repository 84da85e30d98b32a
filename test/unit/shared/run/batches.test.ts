import {
  FailedEntry,
  pack,
  runBatches,
  type BatchRun,
  type Places,
} from '../../../../nodes/shared/run/batches';
import { BasetenError } from '../../../../nodes/shared/errors/basetenError';

const refusal = (status: number) =>
  new BasetenError(`status ${status}`, { kind: 'http', hint: '', status });
const entries = (kinds: string, batchSize: number) =>
  [...kinds].map((kind, entry) => ({ entry, kind, batchSize }));
const numbered = (count: number) => Array.from({ length: count }, (_, entry) => entry);

/** Runs batches. The result of an entry is its number, or the word `failed`. */
async function run(settings: Partial<BatchRun<number | string>> & { batches: number[][] }) {
  const sent: number[][] = [];
  const results = await runBatches<number | string>({
    flow: { places: 1 },
    onFailure: () => 'failed',
    ...settings,
    async work(batch, signal) {
      sent.push(batch);
      return await (settings.work?.(batch, signal) ?? batch);
    },
  });
  return { results, sent };
}

describe('packing', () => {
  test('fills batches in the order of the entries', () => {
    expect(pack(entries('aaaaa', 2))).toStrictEqual([[0, 1], [2, 3], [4]]);
  });

  test('keeps kinds apart, even if they alternate', () => {
    expect(pack(entries('ababa', 2))).toStrictEqual([[0, 2], [1, 3], [4]]);
  });

  test('1,000 entries of one kind fill 16 batches of 64', () => {
    expect(pack(entries('x'.repeat(1000), 64))).toHaveLength(16);
  });
});

describe('a refused batch', () => {
  test.each([400, 413, 422])(
    'is tried again in halves after status %i, down to the entry at fault',
    async (status) => {
      const { results, sent } = await run({
        batches: [numbered(8)],
        work: async (batch) => {
          if (batch.includes(5)) throw refusal(status);
          return batch;
        },
      });
      expect(results).toStrictEqual([0, 1, 2, 3, 4, 'failed', 6, 7]);
      expect(sent).toStrictEqual([
        numbered(8),
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [4, 5],
        [4],
        [5],
        [6, 7],
      ]);
    },
  );

  test.each([401, 404, 429, 500])('fails as a whole after status %i', async (status) => {
    const { results, sent } = await run({
      batches: [[0, 1], [2]],
      work: async (batch) => {
        if (batch.includes(0)) throw refusal(status);
        return batch;
      },
    });
    expect(results).toStrictEqual(['failed', 'failed', 2]);
    expect(sent).toHaveLength(2);
  });
});

describe('a batch in which everything is refused', () => {
  const words = (status: number, detail?: string) =>
    new BasetenError(`status ${status}`, { kind: 'http', hint: 'Hint.', status, detail });

  test.each([
    [2, 3],
    [3, 5],
    [4, 7],
    [8, 8],
    [64, 14],
    [254, 18],
    [2048, 24],
  ])('of %i entries takes %i requests at most', async (count, most) => {
    const causes: unknown[] = [];
    const { results, sent } = await run({
      batches: [numbered(count)],
      work: async () => {
        throw words(400, 'This is no model for that');
      },
      onFailure: (_, cause) => {
        causes.push(cause);
        return 'failed';
      },
    });
    expect(results).toStrictEqual(new Array(count).fill('failed'));
    expect(sent.length).toBeLessThanOrEqual(most);
    expect(causes[0]).toMatchObject({ hint: 'Hint.' });
    if (count > 4) {
      expect(causes.at(-1)).toMatchObject({
        message: 'status 400',
        status: 400,
        hint: expect.stringContaining(`others of its batch of ${count}. `) as unknown,
      });
    }
  });

  test('says the same even if its words count the entries', async () => {
    const { sent } = await run({
      batches: [numbered(64)],
      work: async (batch) => {
        throw words(400, `None of the ${batch.length} texts can be read`);
      },
    });
    expect(sent.length).toBeLessThanOrEqual(14);
  });

  test.each([
    ['one of the samples succeeds', (entry: number) => entry !== 63, 'no'],
    ['all but the last are at fault', (entry: number) => entry < 63, 'no'],
    ['the first half is at fault', (entry: number) => entry < 32, 'no'],
    ['the first ones are at fault', (entry: number) => entry < 3, 'no'],
    ['words are about the length of a text', () => true, 'This text has too many tokens'],
  ])('is sent to its last entry if %s', async (_, isBad, detail) => {
    const alone: number[] = [];
    const { results } = await run({
      batches: [numbered(64)],
      work: async (batch) => {
        if (batch.length === 1) alone.push(batch[0] ?? 0);
        if (batch.some(isBad)) throw words(400, detail);
        return batch;
      },
    });
    expect(results).toStrictEqual(numbered(64).map((entry) => (isBad(entry) ? 'failed' : entry)));
    expect(alone).toEqual(expect.arrayContaining(numbered(64).filter(isBad)));
  });

  test('is sent to its last entry if the refusals differ', async () => {
    const { sent } = await run({
      batches: [numbered(16)],
      work: async ([entry = 0]) => {
        throw words(400, entry === 0 ? 'This' : 'That');
      },
    });
    expect(sent.filter((batch) => batch.length === 1)).toHaveLength(16);
  });

  test('is one of many: each batch is judged by itself', async () => {
    const { results } = await run({
      batches: [numbered(16), [16, 17, 18]],
      work: async (batch) => {
        if (batch.some((entry) => entry < 17)) throw words(422, 'no');
        return batch;
      },
    });
    expect(results.slice(15)).toStrictEqual(['failed', 'failed', 17, 18]);
  });

  test('nothing is sent twice alone', async () => {
    const { sent } = await run({
      batches: [numbered(64)],
      work: async (batch) => {
        if (batch.some((entry) => entry !== 20)) throw words(400, 'no');
        return batch;
      },
    });
    const alone = sent.filter((batch) => batch.length === 1).flat();
    expect(new Set(alone).size).toBe(alone.length);
  });
});

test('an entry that failed in a batch that succeeded fails alone', async () => {
  const causes: unknown[] = [];
  const { results, sent } = await run({
    batches: [[0, 1, 2]],
    work: async () => [0, new FailedEntry('the cause'), 2],
    onFailure: (entry, cause) => {
      causes.push([entry, cause]);
      return 'failed';
    },
  });
  expect(results).toStrictEqual([0, 'failed', 2]);
  expect(causes).toStrictEqual([[1, 'the cause']]);
  expect(sent).toHaveLength(1);
});

test('what onFailure throws ends the run, and what is in flight is stopped', async () => {
  let stopped = false;
  const failed = run({
    batches: [[0], [1], [2]],
    flow: { places: 2 },
    work: async ([entry = 0], signal) => {
      if (entry === 0) {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        stopped = true;
        return [0];
      }
      throw refusal(500);
    },
    onFailure: (entry) => {
      throw new Error(`entry ${entry}`);
    },
  });
  await expect(failed).rejects.toThrow('entry 1');
  expect(stopped).toBe(true);
});

test('a run that is cancelled from outside sends nothing more and says so', async () => {
  const cancel = new AbortController();
  const sent: number[] = [];
  const cancelled = run({
    batches: [[0], [1]],
    cancel: cancel.signal,
    work: async (batch) => {
      sent.push(...batch);
      cancel.abort(new Error('stopped by a person'));
      return batch;
    },
  });
  await expect(cancelled).rejects.toThrow('stopped by a person');
  expect(sent).toStrictEqual([0]);
});

test('more batches are under way as soon as there are more places', async () => {
  const flow: Places = { places: 1 };
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const begun: number[] = [];
  const running = run({
    batches: numbered(5).map((entry) => [entry]),
    flow,
    work: async (batch) => {
      begun.push(...batch);
      await held;
      return batch;
    },
  });
  expect(begun).toStrictEqual([0]);
  Object.assign(flow, { places: 4 });
  flow.onMorePlaces?.();
  expect(begun).toStrictEqual([0, 1, 2, 3]);
  release();
  expect((await running).results).toStrictEqual([0, 1, 2, 3, 4]);
});

test('no batch follows one that ends while there are fewer places than batches', async () => {
  const flow: Places = { places: 3 };
  const ends: Array<() => void> = [];
  const running = run({
    batches: numbered(4).map((entry) => [entry]),
    flow,
    work: async (batch) => {
      await new Promise<void>((resolve) => ends.push(resolve));
      return batch;
    },
  });
  Object.assign(flow, { places: 1 });
  for (const [ended, expected] of [3, 3, 4].entries()) {
    ends[ended]?.();
    await new Promise(setImmediate);
    expect(ends).toHaveLength(expected);
  }
  ends[3]?.();
  expect((await running).results).toStrictEqual([0, 1, 2, 3]);
});
