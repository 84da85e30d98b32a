import { fuzz } from '../fuzz/fuzz';
import { PROPERTIES, runsOf } from '../fuzz/properties';
import { growth } from '../fuzz/properties/growth';

const SEED = 20260101;

describe(`a short run of npm run test:fuzz (seed ${SEED})`, () => {
  // How time grows is measured on a quiet machine: npm run test:growth.
  const untimed = PROPERTIES.filter((property) => property !== growth);
  test.each(untimed.map((property) => ({ property, name: property.name })))(
    '$name',
    async ({ property }) => {
      const { failure } = await fuzz(property, { seed: SEED, runs: runsOf(property, 20_000) });
      expect(failure).toBeUndefined();
    },
    60_000,
  );
});
