import {
  largerOf,
  productOf,
  sumOf,
  toDecimal,
  toNumber,
  ZERO,
} from '../../../nodes/shared/decimal';

const decimal = (value: unknown) => toDecimal(value) ?? ZERO;

test.each([
  [['0.1', '0.2'], 0.3],
  [[0.1, 0.2, 0.3], 0.6],
  [['1.10', '-0.2', 3], 3.9],
  [['.5', '5.', '+1'], 6.5],
  [[1e-7, '2e-7'], 3e-7],
  [[], 0],
])('the sum of %j is %d, without floating-point dust', (values, sum) => {
  expect(toNumber(sumOf(values.map(decimal)))).toBe(sum);
});

test('prices are multiplied exactly', () => {
  const perToken = productOf(decimal('0.13'), decimal('0.000001'));
  expect(toNumber(productOf(decimal(1_234_567), perToken))).toBe(0.16049371);
});

test('the larger one of two is found, whatever their digits', () => {
  expect(toNumber(largerOf(decimal('0.3'), decimal('0.29')))).toBe(0.3);
  expect(toNumber(largerOf(decimal('-1'), decimal('-0.5')))).toBe(-0.5);
});

test.each(['', '.', 'one', '1,5', 'NaN', Infinity, null, {}, '1e999', '1'.repeat(200)])(
  '%j is not a decimal number',
  (value) => {
    expect(toDecimal(value)).toBeUndefined();
  },
);
