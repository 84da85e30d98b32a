import { TokenCost } from '../../../../../nodes/shared/http/flow/tokens';

test('a token is guessed to be four characters', () => {
  expect(new TokenCost(400).guess).toBe(100);
  expect(new TokenCost(1).guess).toBe(1);
});

test.each([
  [{ total_tokens: 12 }, [12]],
  [{ total_tokens: 0 }, [0]],
  [{ total_tokens: -1 }, []],
  [{ total_tokens: '12' }, []],
  [{}, []],
  [null, []],
  [undefined, []],
  ['12', []],
])('of the usage %j a response tells %j', (usage, expected) => {
  const told: number[] = [];
  const cost = new TokenCost(1);
  cost.onTold = (tokens) => told.push(tokens);
  cost.tell(usage);
  expect(told).toStrictEqual(expected);
});
