import { VERSION } from '../../../nodes/shared/version';

test('the version told to Baseten is that of the package', () => {
  expect(VERSION).toBe(jest.requireActual<{ version: string }>('../../../package.json').version);
});
