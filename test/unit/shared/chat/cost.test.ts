import { costOf } from '../../../../nodes/shared/chat/cost';
import { toDecimal, type Decimal } from '../../../../nodes/shared/decimal';

const decimal = (text: string): Decimal => toDecimal(text) as Decimal;
const prices = (input: string, output: string, cachedInput = input) => ({
  input: decimal(input),
  output: decimal(output),
  cachedInput: decimal(cachedInput),
});
const usage = (prompt: number, completion: number, cached?: number) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  ...(cached !== undefined && { prompt_tokens_details: { cached_tokens: cached } }),
});

test.each([
  // 1000 × 0.13 + 500 × 0.50 = 130 + 250 = 380 millionths of a dollar.
  ['without a cache', usage(1000, 500), prices('0.13', '0.50'), 0.00038],
  // (7001 − 4096) × 0.6 + 4096 × 0.06 + 333 × 2.2 = 1743 + 245.76 + 732.6 = 2721.36 millionths.
  [
    'with a price of its own for the cache',
    usage(7001, 333, 4096),
    prices('0.6', '2.2', '0.06'),
    0.00272136,
  ],
  // 3 × 0.1 + 1 × 0.2 = 0.3 + 0.2 = 0.5 millionths. As doubles 3 × 0.1 is 0.30000000000000004.
  ['of a few tokens', usage(3, 1, 2), prices('0.1', '0.2'), 0.0000005],
])('the cost of an answer is exact: %s', (_name, used, paid, expected) => {
  expect(costOf(used, paid)).toBe(expected);
});

test.each([
  null,
  undefined,
  {},
  { prompt_tokens: 5 },
  { prompt_tokens: '5', completion_tokens: 1 },
])('there is no cost without counts: %j', (used) => {
  expect(costOf(used, prices('1', '1'))).toBeUndefined();
});

test('a cache of more tokens than the prompt has costs no more than the prompt', () => {
  expect(costOf(usage(10, 0, 99), prices('1', '1', '0.5'))).toBe(0.000005);
});
