import { toChoice } from '../../../../nodes/shared/choice';
import { readChoice, readChoiceOption } from '../../../../nodes/shared/parameters/choice';
import type { ParameterContext } from '../../../../nodes/shared/parameters/parameter';

const TARGET = {
  name: 'target',
  label: 'Target',
  values: ['production', 'development', 'regional'],
  fallback: 'production',
} as const;

/** A node whose parameters are these; n8n gives the fallback for one that it was saved without. */
function contextOf(parameters: Record<string, unknown>): ParameterContext {
  return {
    getNodeParameter: (name: string, _item: number, fallback: unknown) =>
      name in parameters ? parameters[name] : fallback,
  } as unknown as ParameterContext;
}
const read = (target: unknown) => readChoice(contextOf({ target }), TARGET, 0);

test('a parameter that is one of its values is that value', () => {
  expect(read('regional')).toBe('regional');
});

test('a parameter that the workflow was saved without has its fallback', () => {
  expect(readChoice(contextOf({}), TARGET, 0)).toBe('production');
});

test.each([
  ['prodution', `Target can't be "prodution"`],
  ['Production', `Target can't be "Production"`],
  [['regional'], `Target can't be ["regional"]`],
  [{ toString: 'x' }, `Target can't be {"toString":"x"}`],
  [0, `Target can't be 0`],
  ['', `Target can't be empty`],
  [null, `Target can't be empty`],
  [undefined, `Target can't be empty`],
  ['x'.repeat(201), `Target can't be "${'x'.repeat(200)}…"`],
])('%j is refused, and the error names the values', (value, message) => {
  expect(() => read(value)).toThrow(
    expect.objectContaining({
      message,
      hint: expect.stringContaining(
        'Its values are "production", "development" and "regional".',
      ) as unknown,
    }),
  );
});

test.each([undefined, null, '', ' '])('an option that is %j counts as not set', (target) => {
  expect(readChoiceOption({ target }, TARGET)).toBeUndefined();
});

test('an option is one of its values, or an error', () => {
  expect(readChoiceOption({ target: 'regional' }, TARGET)).toBe('regional');
  expect(() => readChoiceOption({ target: 'x' }, TARGET)).toThrow(`Target can't be "x"`);
});

test('a property of Object is no value', () => {
  expect(() => toChoice('constructor', TARGET)).toThrow(`Target can't be "constructor"`);
});
