import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { DELIVERY_MUTATIONS } from '../mutation/deliveryMutations';
import { partsAround } from '../mutation/mutation';
import { testsOf } from '../mutation/tests';
import { WAIT_MUTATIONS } from '../mutation/waitMutations';
import { WIRE_MUTATIONS } from '../mutation/wireMutations';

const ROOT = resolve(__dirname, '../..');
const MUTATIONS = [...DELIVERY_MUTATIONS, ...WAIT_MUTATIONS, ...WIRE_MUTATIONS];

test('what "npm run test:mutation" breaks is there, each piece of code once', () => {
  const notOnce = MUTATIONS.flatMap(({ file, from, effect }) => {
    const source = readFileSync(join(ROOT, 'nodes', file), 'utf8');
    return partsAround(from, source).length === 2 ? [] : [`${file}: ${effect}`];
  });
  expect(notOnce).toStrictEqual([]);
});

test('the tests that must notice it are there', () => {
  const missing = MUTATIONS.flatMap(({ file }) => {
    const { project, files } = testsOf(file);
    return files.map((each) => join('test', project, each));
  }).filter((path) => !existsSync(join(ROOT, path)));
  expect([...new Set(missing)]).toStrictEqual([]);
});
