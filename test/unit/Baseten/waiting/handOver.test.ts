import { Hands, type HandedOver } from '../../../../nodes/Baseten/waiting/handOver';
import type { Answer } from '../../../../nodes/shared/waiting/post';
import type { ToKeeper, ToParent } from '../../../../nodes/shared/waiting/messages';
import type { AsyncResult } from '../../../../nodes/shared/webhook/verify';
import { fakeTime } from '../../../support/clock';

const RUNNING: Answer = { status: 409, json: { code: 409, message: 'is running already' } };
const KEEPER = 'https://n8n.example.com/webhook-waiting/18/baseten';
const result = (id: string) => ({ request_id: id, errors: [] }) as unknown as AsyncResult;

/** Hands over to a keeper that answers as it is told. */
function handsTo(answer: (message: ToKeeper | ToParent) => Answer) {
  const said: Array<ToKeeper | ToParent> = [];
  const time = fakeTime();
  const hands = new Hands(async (_, message) => {
    said.push(message);
    return answer(message);
  }, time);
  const give = async (item: number, bytes = 100): Promise<HandedOver> =>
    await hands.give(KEEPER, 'secret', item, { result: result(`r${item}`), bytes });
  return { hands, said, give, time };
}

/** Which items the messages had that gave results. */
const kept = (said: Array<ToKeeper | ToParent>) =>
  said.flatMap((each) => (each.kind === 'keep' ? [Object.keys(each.results).map(Number)] : []));

const watching = (have: number[]): Answer => ({ status: 200, json: { wait: 'watching', have } });

test('a result counts as kept when the keeper says afterwards that it has it', async () => {
  const { give, said, hands } = handsTo(() => watching([0]));
  expect(await give(0)).toBe('kept');
  expect(said).toStrictEqual([{ kind: 'keep', results: { 0: result('r0') } }, { kind: 'have' }]);
  expect(hands.holding(KEEPER)).toStrictEqual([]);
});

test('what came meanwhile goes together, one message at a time', async () => {
  const { give, said } = handsTo(({ kind }) => watching(kind === 'have' ? [0, 1, 2] : []));
  expect(await Promise.all([give(0), give(1), give(2)])).toStrictEqual(['kept', 'kept', 'kept']);
  expect(kept(said)).toStrictEqual([[0], [1, 2]]);
});

test('a message has no more than 8 MB, unless a single result is larger', async () => {
  const { give, said } = handsTo(({ kind }) => watching(kind === 'have' ? [0, 1, 2, 3, 4] : []));
  const sizes = [100, 3_000_000, 5_000_000, 3_000_000, 9_000_000];
  await Promise.all(sizes.map(async (bytes, item) => await give(item, bytes)));
  expect(kept(said)).toStrictEqual([[0], [1, 2], [3], [4]]);
});

test('a message that n8n refuses for its size goes in parts, and one that is too large alone comes last', async () => {
  const { give, said } = handsTo((message) => {
    if (message.kind !== 'keep') return watching([0, 1, 2, 3, 4]);
    const items = Object.keys(message.results).map(Number);
    return items.length > 2 || items.includes(3) ? { status: 413 } : watching([]);
  });
  const fates = await Promise.all([0, 1, 2, 3, 4].map(async (item) => await give(item)));
  expect(fates).toStrictEqual(['kept', 'kept', 'kept', 'given up', 'kept']);
  const messages = kept(said);
  expect(messages.slice(0, 6)).toStrictEqual([[0], [1, 2, 3, 4], [1, 2], [3, 4], [3], [4]]);
  expect(messages.at(-1)).toStrictEqual([3]);
});

test('a result that another waking has undone is sent again', async () => {
  let asked = 0;
  const { give, said } = handsTo(({ kind }) => watching(kind === 'have' && ++asked > 1 ? [0] : []));
  expect(await give(0)).toBe('kept');
  expect(said.map(({ kind }) => kind)).toStrictEqual(['keep', 'have', 'keep', 'have']);
});

test('a keeper that is awake, or an n8n that starts, is tried again', async () => {
  const answers: Answer[] = [RUNNING, { status: 200 }, { status: 'unreachable' }];
  const { give, said } = handsTo(() => answers.shift() ?? watching([0]));
  expect(await give(0)).toBe('kept');
  expect(said).toHaveLength(5);
});

test('a keeper that stays awake for minutes does not get it', async () => {
  const { give, hands } = handsTo(() => RUNNING);
  const fate = give(0);
  expect(hands.holding(KEEPER)).toStrictEqual([0]);
  expect(await fate).toBe('given up');
});

test.each<[string, Answer, HandedOver]>([
  ['was deleted', { status: 404, json: { code: 404 } }, 'gone'],
  ['has ended', { status: 409, json: { code: 409, message: 'has finished already' } }, 'given up'],
  ['is done', { status: 200, json: { wait: 'done', have: [] } }, 'kept'],
])('a keeper that %s', async (_, answer, fate) => {
  expect(await handsTo(() => answer).give(0)).toBe(fate);
});

test('a keeper that ended after it took a result has used it', async () => {
  const ended: Answer = { status: 409, json: { code: 409, message: 'has finished already' } };
  const { give } = handsTo(({ kind }) => (kind === 'keep' ? watching([]) : ended));
  expect(await give(0)).toBe('kept');
});
