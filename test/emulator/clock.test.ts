import { manualClock, realClock } from '../../emulator';

describe('the manual clock', () => {
  test('wakes sleepers in the order of their deadlines, each at its time', async () => {
    const clock = manualClock(0);
    const woken: Array<[string, number]> = [];
    for (const [name, ms] of [
      ['late', 30],
      ['soon', 10],
      ['soon too', 10],
    ] as const) {
      void clock.sleep(ms).then(() => woken.push([name, clock.now()]));
    }
    await clock.advance(20);
    expect(woken).toEqual([
      ['soon', 10],
      ['soon too', 10],
    ]);
    await clock.advance(20);
    expect(woken.at(-1)).toEqual(['late', 30]);
    expect([clock.now(), clock.pending]).toEqual([40, 0]);
  });

  test('also wakes, in the same advance, the sleeps that a woken sleeper begins', async () => {
    const clock = manualClock(0);
    const beats: number[] = [];
    void (async () => {
      for (let beat = 0; beat < 3; beat++) {
        await clock.sleep(10);
        beats.push(clock.now());
      }
    })();
    await clock.advance(100);
    expect(beats).toEqual([10, 20, 30]);
  });

  test('stands still while tracked work goes on', async () => {
    const clock = manualClock(0);
    let at = -1;
    const work = new Promise<void>((resolve) => setTimeout(resolve, 20)).then(() => {
      at = clock.now();
    });
    void clock.track!(work);
    await clock.advance(1_000);
    expect(at).toBe(0);
  });
});

describe.each([
  ['manual', () => manualClock()],
  ['real', () => realClock],
])('the %s clock', (_name, make) => {
  test('rejects an aborted sleep with the reason', async () => {
    const stop = new AbortController();
    const sleep = make().sleep(1_000_000, stop.signal);
    stop.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    await expect(make().sleep(1, stop.signal)).rejects.toThrow('enough');
  });
});
