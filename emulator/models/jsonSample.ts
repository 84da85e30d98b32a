import { isObject } from './model';

type Schema = Record<string, unknown>;

/** Where the values of a sample come from. */
export interface SampleSource {
  /** The value of a string; `name` is its property's, empty at the top. */
  text: (name: string) => string;
  /** The values of the first numbers, in order; all others are 1. */
  numbers?: number[];
}

const MOST_DEPTH = 12;

const FORMATS: Record<string, string> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  email: 'simulated@example.com',
  uri: 'https://example.com/simulated',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/**
 * A value that satisfies a simple JSON Schema. It knows types, enums, bounds, nested objects and
 * arrays, and references within the schema.
 */
export function sampleOf(schema: Schema, source: SampleSource): unknown {
  const numbers = [...(source.numbers ?? [])];

  function value(part: unknown, name: string, depth: number): unknown {
    if (!isObject(part) || depth > MOST_DEPTH) return null;
    if (typeof part.$ref === 'string') return value(resolve(schema, part.$ref), name, depth + 1);
    if ('const' in part) return part.const;
    if (Array.isArray(part.enum)) return part.enum[0];
    const choices = (part.anyOf ?? part.oneOf) as unknown[] | undefined;
    if (choices)
      return value(choices.find((choice) => !isNull(choice)) ?? choices[0], name, depth + 1);
    if (Array.isArray(part.allOf)) {
      return Object.assign({}, ...part.allOf.map((one: unknown) => value(one, name, depth + 1)));
    }
    return typedValue(part, name, depth);
  }

  function typedValue(part: Schema, name: string, depth: number): unknown {
    const types = [part.type].flat();
    const type =
      types.find((one) => one !== 'null') ?? (part.properties ? 'object' : (types[0] ?? 'string'));
    if (type === 'object') {
      const properties = Object.entries(isObject(part.properties) ? part.properties : {});
      return Object.fromEntries(
        properties.map(([key, inner]) => [key, value(inner, key, depth + 1)]),
      );
    }
    if (type === 'array') {
      const length = Math.max(1, Number(part.minItems ?? 1));
      return Array.from({ length }, () => value(part.items ?? { type: 'string' }, name, depth + 1));
    }
    if (type === 'boolean') return true;
    if (type === 'number' || type === 'integer') return numeric(part, type, numbers.shift() ?? 1);
    return type === 'null' ? null : textual(part, source.text(name));
  }

  return value(schema, '', 0);
}

const isNull = (schema: unknown) => isObject(schema) && schema.type === 'null';

/** `#/$defs/thing` → that part of the schema. */
function resolve(schema: Schema, reference: string): unknown {
  return reference
    .split('/')
    .slice(1)
    .reduce<unknown>((part, key) => (isObject(part) ? part[key] : undefined), schema);
}

function numeric(schema: Schema, type: string, wanted: number): number {
  const step = type === 'integer' ? 1 : 0.5;
  const least = Number(schema.minimum ?? Number(schema.exclusiveMinimum ?? -Infinity) + step);
  const most = Number(schema.maximum ?? Number(schema.exclusiveMaximum ?? Infinity) - step);
  const bounded = Math.min(Math.max(wanted, least), most);
  return type === 'integer' ? Math.round(bounded) : bounded;
}

function textual(schema: Schema, wanted: string): string {
  const format = FORMATS[String(schema.format)];
  if (format !== undefined) return format;
  return wanted
    .padEnd(Number(schema.minLength ?? 0), '.')
    .slice(0, Number(schema.maxLength ?? Infinity));
}
