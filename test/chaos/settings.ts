import { type Setup, SETUPS } from './rig';

/** How a run of the chaos test goes. */
export interface Settings {
  /** How long results come, in minutes. */
  minutes: number;
  /** How many results come in that time. */
  results: number;
  /** Forged requests in a second, while there is a flood. */
  floodRate: number;
  /** Decides the order of what goes wrong, sizes and pauses. */
  seed: number;
  setup: Setup;
}

const MINUTES = 20;
const RESULTS_A_MINUTE = 250;
const SEED = 20_260_401;
const FLOOD_RATE = 500;

/**
 * Reads `CHAOS_MINUTES`, `CHAOS_RESULTS`, `CHAOS_SEED`, `CHAOS_FLOOD` (a rate) and `CHAOS_SETUP`.
 * @throws {Error} if one of them can't be used
 */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const number = (name: string, fallback: number) => {
    const value = Number(env[name] || fallback);
    if (!(value > 0)) throw new Error(`${name} takes a number above 0, not "${env[name]}".`);
    return value;
  };
  const setup = SETUPS.find((each) => each === (env.CHAOS_SETUP || 'single'));
  if (!setup) throw new Error(`CHAOS_SETUP is one of ${SETUPS.join(', ')}.`);
  const minutes = number('CHAOS_MINUTES', MINUTES);
  return {
    minutes,
    results: Math.round(number('CHAOS_RESULTS', minutes * RESULTS_A_MINUTE)),
    floodRate: number('CHAOS_FLOOD', FLOOD_RATE),
    seed: number('CHAOS_SEED', SEED),
    setup,
  };
}
