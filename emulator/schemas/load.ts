import type { JsonMatch } from '../http/match';
import { PAUSE_PLACES } from '../http/refusal';
import type { RequestLimit } from '../http/requestLimits';
import type { CapacityChange } from '../workspace/capacity';
import { checker } from './validate';

/** A limit of requests as JSON. */
export type JsonLimit = Omit<RequestLimit, 'match'> & { match?: JsonMatch };

const count = (minimum: number) => ({ type: 'integer', minimum });
const atLeast = (minimum: number) => ({ type: 'number', minimum });
/** JSON has no number for "no limit". */
const countOrNone = { type: ['integer', 'null'], minimum: 1 };
const pauseIn = { enum: PAUSE_PLACES };

const object = (properties: object, required: string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});

const CAPACITY = object({
  concurrencyTarget: countOrNone,
  serviceTime: object({ medianMs: atLeast(0), sigma: atLeast(0) }, ['medianMs', 'sigma']),
  minReplica: count(0),
  maxReplica: count(1),
  targetUtilization: { type: 'integer', minimum: 1, maximum: 100 },
  autoscalingWindowMs: count(1),
  wakeMs: atLeast(0),
  scaleDownDelayMs: atLeast(0),
  maxInFlight: countOrNone,
  refusal: object({ status: { enum: [429, 503] }, retryAfter: count(0), pauseIn }),
});

const LIMIT = object(
  {
    match: object({
      method: { type: 'string' },
      path: { type: 'string' },
      pathPattern: { type: 'string' },
      modelId: { type: 'string' },
    }),
    key: { type: 'string' },
    model: { type: 'string' },
    perMinute: count(1),
    burst: count(1),
    pauseIn,
  },
  ['perMinute'],
);

type Nullable<T> = { [Field in keyof T]: T[Field] | null };
/** A change of a capacity as JSON: `null` means that there is no limit. */
type JsonCapacity = Omit<CapacityChange, 'concurrencyTarget' | 'maxInFlight'> &
  Nullable<Pick<CapacityChange, 'concurrencyTarget' | 'maxInFlight'>>;

const checkJsonCapacity = checker<JsonCapacity>(CAPACITY, 'capacity');
const checkJsonModel = checker<{ name?: string; capacity?: JsonCapacity }>(
  object({ name: { type: 'string' }, capacity: CAPACITY }),
  'model',
);

/**
 * Checks a change of a capacity.
 * @throws {Refusal} 400 if it is not valid.
 */
export const checkCapacity = (value: unknown): CapacityChange =>
  withoutNulls(checkJsonCapacity(value));

/**
 * Checks a model that is to be added.
 * @throws {Refusal} 400 if it is not valid.
 */
export function checkAddedModel(value: unknown): { name?: string; capacity?: CapacityChange } {
  const { name, capacity } = checkJsonModel(value);
  return { name, capacity: capacity && withoutNulls(capacity) };
}

/**
 * Checks a list of limits.
 * @throws {Refusal} 400 if it is not valid.
 */
export const checkLimits = checker<JsonLimit[]>({ type: 'array', items: LIMIT }, 'list of limits');

function withoutNulls(capacity: JsonCapacity): CapacityChange {
  const entries = Object.entries(capacity).map(([field, value]) => [field, value ?? Infinity]);
  return Object.fromEntries(entries) as CapacityChange;
}
