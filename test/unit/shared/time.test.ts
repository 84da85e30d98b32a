import { realTime } from '../../../nodes/shared/time';

test('hundreds may wait on one signal, which ends every wait without a warning', async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error) => void warnings.push(name);
  process.on('warning', note);
  const stop = new AbortController();
  const waits = Array.from({ length: 300 }, async () => await realTime.wait(500, stop.signal));
  stop.abort();
  await Promise.all(waits);
  await realTime.wait(500, stop.signal);
  await new Promise(setImmediate);
  process.off('warning', note);
  expect(warnings).toStrictEqual([]);
});
