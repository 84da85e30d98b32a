import { fuzz } from '../fuzz/fuzz';
import { PROPERTIES, runsOf } from '../fuzz/properties';

const SEED = 20260101;

describe(`${SEED} is the seed of what is short for npm run test:fuzz`, () => {
  test.each(PROPERTIES.map((property) => ({ property, name: property.name })))(
    '$name hold',
    async ({ property }) => {
      const { failure } = await fuzz(property, { seed: SEED, runs: runsOf(property, 20_000) });
      expect(failure).toBeUndefined();
    },
  );
});
