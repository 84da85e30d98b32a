import { Remembered } from '../../../../../nodes/shared/http/flow/remembered';
import { Simulation } from '../../../../support/simulation';

function remember() {
  const time = new Simulation();
  return { time, known: new Remembered<{ isBusy: boolean }>(time, () => ({ isBusy: false })) };
}
const MINUTE_MS = 60_000;

test('the same name gives the same value, and others give others', () => {
  const { known } = remember();
  expect(known.of('a')).toBe(known.of('a'));
  expect(known.of('a')).not.toBe(known.of('b'));
});

test('what is unused for half an hour is forgotten', async () => {
  const { time, known } = remember();
  const [used, unused] = [known.of('used'), known.of('unused')];
  await time.passTo(20 * MINUTE_MS);
  expect(known.of('used')).toBe(used);
  await time.passTo(31 * MINUTE_MS);
  expect(known.of('used')).toBe(used);
  expect(known.of('unused')).not.toBe(unused);
});

test('what is busy is never forgotten', async () => {
  const { time, known } = remember();
  const busy = known.of('busy');
  busy.isBusy = true;
  for (let each = 0; each < 5000; each++) known.of(`model ${each}`);
  await time.passTo(90 * MINUTE_MS);
  expect(known.of('busy')).toBe(busy);
});

test('of more than a thousand, what was used longest ago goes first', () => {
  const { known } = remember();
  const [old, older] = [known.of('old'), known.of('older')];
  known.of('old');
  for (let each = 0; each < 999; each++) known.of(`model ${each}`);
  expect(known.of('old')).toBe(old);
  expect(known.of('older')).not.toBe(older);
});
