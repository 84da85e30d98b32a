/** An exact decimal number: `units` divided by ten to the power of `digits`. */
export interface Decimal {
  units: bigint;
  /** How many of its digits follow the point, from 0. */
  digits: number;
}

/** Nothing. */
export const ZERO: Decimal = { units: 0n, digits: 0 };

/** More digits than any price has. They bound the work for a hostile text. */
const MOST_DIGITS = 100;
const DECIMAL = /^([+-]?)(\d{0,100})(?:\.(\d{0,100}))?(?:e([+-]?\d{1,3}))?$/i;

/**
 * Reads a decimal number as Baseten gives amounts: a number, or a text such as `0.10`.
 * @returns nothing if it is not a decimal number
 */
export function toDecimal(value: unknown): Decimal | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const [matched, sign, whole = '', fraction = '', exponent = '0'] =
    DECIMAL.exec(String(value).trim()) ?? [];
  if (matched === undefined || whole + fraction === '') return undefined;
  const units = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const digits = fraction.length - Number(exponent);
  if (Math.abs(digits) > MOST_DIGITS) return undefined;
  return digits >= 0 ? { units, digits } : { units: units * 10n ** BigInt(-digits), digits: 0 };
}

/** Adds decimals without rounding: 0.1 and 0.2 are 0.3. */
export function sumOf(decimals: Decimal[]): Decimal {
  const digits = Math.max(0, ...decimals.map((each) => each.digits));
  const units = decimals.reduce((sum, each) => sum + unitsAt(each, digits), 0n);
  return { units, digits };
}

/** Multiplies decimals without rounding. */
export function productOf(one: Decimal, other: Decimal): Decimal {
  return { units: one.units * other.units, digits: one.digits + other.digits };
}

/** The larger of two decimals. */
export function largerOf(one: Decimal, other: Decimal): Decimal {
  const digits = Math.max(one.digits, other.digits);
  return unitsAt(one, digits) >= unitsAt(other, digits) ? one : other;
}

/** The number that is written with the decimal's digits, as JSON shows it. */
export function toNumber({ units, digits }: Decimal): number {
  const text = String(units < 0n ? -units : units).padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return Number(`${units < 0n ? '-' : ''}${whole}.${text.slice(text.length - digits) || '0'}`);
}

function unitsAt({ units, digits }: Decimal, wanted: number): bigint {
  return units * 10n ** BigInt(wanted - digits);
}
