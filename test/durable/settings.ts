/** How the proof of the durable batch runs. */
export interface Settings {
  /** Rows of each batch. */
  rows: number;
  /** A batch for each of them; a seed decides what is killed, and when. */
  seeds: number[];
}

/**
 * Reads `DURABLE_ROWS` (2,000 unless set) and `DURABLE_SEEDS` (`1,2,3,4,5` unless set).
 * @throws {Error} if one of them can't be used
 */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const rows = Number(env.DURABLE_ROWS || 2000);
  const seeds = (env.DURABLE_SEEDS || '1,2,3,4,5').split(',').map(Number);
  if (![rows, ...seeds].every((number) => Number.isInteger(number) && number > 0)) {
    throw new Error(
      'DURABLE_ROWS takes a whole number, DURABLE_SEEDS several with commas between.',
    );
  }
  return { rows, seeds };
}
