import { readSettings, type Settings } from '../../../nodes/BasetenTrigger/settings';
import type { UserInputError } from '../../../nodes/shared/errors/userInputError';
import { webhookContext } from '../../support/webhookContext';

/** Reads the settings, and which options were found unusable. */
function read(parameters: Record<string, unknown> = {}): {
  settings: Settings;
  unusable: string[];
} {
  const unusable: string[] = [];
  const settings = readSettings(
    webhookContext({ parameters }).context,
    ({ message }: UserInputError) => unusable.push(message),
  );
  return { settings, unusable };
}

const DEFAULTS: Settings = {
  verifySignature: true,
  tolerance: 300,
  events: ['asyncResult'],
  outcomes: ['succeeded', 'failed'],
  modelIds: [],
  base64Fields: [],
  base64ToFiles: true,
  ignoreDuplicates: true,
  groupDeliveries: true,
  maxGroupSize: 100,
};

test.each<[string, Record<string, unknown>]>([
  ['nothing is set', {}],
  ['all is empty', { options: { timestampTolerance: '', modelIds: ' ', base64Fields: null } }],
  ['lists are empty', { options: { modelIds: [], base64Fields: ['', null] } }],
])('if %s, the defaults count', (_, parameters) => {
  expect(read(parameters)).toStrictEqual({ settings: DEFAULTS, unusable: [] });
});

test.each([null, '', 0, 'false', undefined])(
  'only false switches the verification off, not %j',
  (verifySignature) => {
    expect(read({ verifySignature }).settings.verifySignature).toBe(true);
  },
);

test('false switches it off', () => {
  expect(read({ verifySignature: false }).settings.verifySignature).toBe(false);
});

test('all that can be set is read', () => {
  const options = {
    timestampTolerance: '0',
    modelIds: ['abcd1234', 'efgh5678, ijkl9012'],
    base64Fields: 'image, data.0',
    base64ToFiles: 'off',
    ignoreDuplicates: false,
    groupDeliveries: false,
    maxGroupSize: 7.9,
  };
  expect(read({ outcomes: 'failed', options }).settings).toStrictEqual({
    verifySignature: true,
    tolerance: 0,
    events: ['asyncResult'],
    outcomes: ['failed'],
    modelIds: ['abcd1234', 'efgh5678', 'ijkl9012'],
    base64Fields: ['image', 'data.0'],
    base64ToFiles: false,
    ignoreDuplicates: false,
    groupDeliveries: false,
    maxGroupSize: 7,
  });
});

test.each([
  [{ timestampTolerance: -1 }, "Timestamp Tolerance can't be -1"],
  [{ timestampTolerance: true }, "Timestamp Tolerance can't be true"],
  [{ maxGroupSize: 0 }, "Max Group Size can't be 0"],
  [{ base64Fields: { a: 1 } }, 'Base64 Fields can\'t be {"a":1}'],
  [{ base64ToFiles: 'on' }, 'Base64 to Files can\'t be "on"'],
])('an option of %j is told of, and its default counts', (options, message) => {
  expect(read({ options })).toStrictEqual({ settings: DEFAULTS, unusable: [message] });
});

test.each<[Record<string, unknown>, string]>([
  [{ events: [] }, 'No Events are chosen'],
  [{ events: [''] }, 'No Events are chosen'],
  [{ outcomes: [] }, 'No Outcomes are chosen'],
  [{ outcomes: [''] }, 'No Outcomes are chosen'],
  [{ outcomes: null }, 'No Outcomes are chosen'],
  [{ outcomes: ['succeeded', 'canceled'] }, 'Outcomes can\'t be "canceled"'],
  [{ outcomes: true }, "Outcomes can't be true"],
  [{ options: { modelIds: {} } }, "Model IDs can't be {}"],
  [{ options: { modelIds: false } }, "Model IDs can't be false"],
])('which results are meant by %j can not be told: an error', (parameters, message) => {
  expect(() => read(parameters)).toThrow(message);
});
