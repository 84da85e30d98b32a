import type { ResourceMapperField } from 'n8n-workflow';

import { isRecord } from '../../../shared/json';
import { toData } from '../../../shared/payload/jsonText';
import { readField, type FieldType } from '../../../shared/payload/fields';

/** So many characters of an example's value stand beside its name. */
const LONGEST_SHOWN = 30;

/** The field that would turn the response into a stream. It is never offered. */
const STREAM = 'stream';

/** A field of the form, as n8n keeps it in the workflow. */
export interface ModelField extends ResourceMapperField {
  /**
   * What the fields make up, if it is not the object that is sent: the first entry of a list, or
   * the whole input in one field.
   */
  makes?: 'entry' | 'input';
}

/**
 * Makes the fields of a form from a model's example input. They are empty: the example's value
 * stands beside the name.
 * @param example an object as a rule; of a list the first object counts, and anything else is one
 * field for the whole input
 * @returns no fields if the example has none
 */
export function toFields(example: unknown): ModelField[] {
  const given = parsed(example);
  if (isRecord(given)) return fieldsOf(given);
  const first = Array.isArray(given) ? given.find(isRecord) : undefined;
  if (first) return fieldsOf(first).map((field) => ({ ...field, makes: 'entry' as const }));
  const isNothing = given === undefined || given === null || given === '';
  const isEmptyList = Array.isArray(given) && given.length === 0;
  return isNothing || isEmptyList ? [] : [{ ...toField('input', given), makes: 'input' }];
}

/**
 * Reads what was entered into the fields.
 * @param values the values by the name of their field
 * @param schema the fields; a name that is not among them is sent as it is
 * @returns the fields that have a value, and what to make of their object in the end
 * @throws {UserInputError} if a value is not of the type of its field
 */
export function readValues(
  values: Record<string, unknown>,
  schema: readonly ModelField[],
): { fields: Record<string, unknown>; toInput(fields: unknown): unknown } {
  const fieldOf = new Map(schema.map((field) => [field.id, field]));
  const given = Object.entries(values).filter(
    ([name, value]) => !isLeftEmpty(value, fieldOf.get(name)?.type),
  );
  const fields = Object.fromEntries(
    given.map(([name, value]) => {
      const type = FIELD_TYPE[fieldOf.get(name)?.type ?? ''] ?? 'auto';
      return [name, toData(readField(name, value, type).value)];
    }),
  );
  const makes = schema[0]?.makes;
  if (makes === 'entry') return { fields, toInput: (entry) => [entry] };
  const name = schema[0]?.id ?? '';
  const isInput = makes === 'input' && Object.hasOwn(fields, name);
  return { fields, toInput: (all) => (isInput && isRecord(all) ? all[name] : all) };
}

/** The types of n8n's form, as those of our own fields. Text stays what the expression gives. */
const FIELD_TYPE: Record<string, FieldType> = {
  number: 'number',
  options: 'boolean',
  array: 'json',
  object: 'json',
};

/** An empty text is a value of a text alone; an empty cell of a table gives one. */
function isLeftEmpty(value: unknown, type: string | undefined): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'string' && value.trim() === '' && FIELD_TYPE[type ?? ''] !== undefined;
}

/** Baseten's playground shows a text as it is, so one that is JSON stands for what it says. */
function parsed(example: unknown): unknown {
  if (typeof example !== 'string') return example;
  try {
    const value = JSON.parse(example) as unknown;
    return typeof value === 'object' || typeof value === 'string' ? value : example;
  } catch {
    return example;
  }
}

function fieldsOf(example: Record<string, unknown>): ModelField[] {
  return Object.entries(example)
    .filter(([name]) => name !== STREAM)
    .map(([name, value]) => toField(name, value));
}

function toField(name: string, value: unknown): ModelField {
  const type = typeOf(value);
  return {
    id: name,
    displayName: `${name} (e.g. ${shown(value)})`,
    required: false,
    display: true,
    defaultMatch: false,
    canBeUsedToMatch: false,
    type,
    // A boolean field of n8n always sends true or false.
    ...(type === 'options' && {
      options: [
        { name: 'Not Sent', value: '' },
        { name: 'True', value: true },
        { name: 'False', value: false },
      ],
    }),
  };
}

function typeOf(value: unknown): ModelField['type'] {
  switch (typeof value) {
    case 'number':
      return 'number';
    case 'boolean':
      return 'options';
    case 'object':
      return Array.isArray(value) ? 'array' : value === null ? 'string' : 'object';
    default:
      return 'string';
  }
}

/** The beginning of a value on one line. n8n's editor has no other place for it than the name. */
function shown(value: unknown): string {
  const whole = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const start = whole.slice(0, 4 * LONGEST_SHOWN);
  const characters = [...start.replace(/\s+/g, ' ').trim()];
  if (characters.length === 0) return '""';
  const text = characters.slice(0, LONGEST_SHOWN).join('').trimEnd();
  const isCut = characters.length > LONGEST_SHOWN || start.length < whole.length;
  return isCut ? `${text}…` : text;
}
