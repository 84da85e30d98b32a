import { fuzz } from '../fuzz/fuzz';
import { PROPERTIES, runsOf } from '../fuzz/properties';

const SEED = 20260101;

describe(`a short run of npm run test:fuzz (seed ${SEED})`, () => {
  test.each(PROPERTIES.map((property) => ({ property, name: property.name })))(
    '$name',
    async ({ property }) => {
      const { failure } = await fuzz(property, { seed: SEED, runs: runsOf(property, 20_000) });
      expect(failure).toBeUndefined();
    },
    60_000,
  );
});
