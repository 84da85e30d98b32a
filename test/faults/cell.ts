import type { INode, INodeExecutionData } from 'n8n-workflow';

import { MODEL_IDS, type Emulator } from '../../emulator';
import { credentialFor } from '../support/emulator';
import { byId, echo } from '../support/parameters';
import { runBaseten, type NodeResult } from '../../host/n8n/engine';
import type { fakeTime } from '../support/clock';
import { FAULTY, type Fault } from './fault';

/** Node's fetch, or n8n's HTTP client. */
export const PATHS = ['fetch', 'n8n'] as const;
/** Max Retries. */
export const RETRIES = [0, 2] as const;
/** What the workflow does with an item that failed. */
export const MODES = ['stop', 'continue', 'error output'] as const;

/** One cell of the matrix. */
export interface Cell {
  path: (typeof PATHS)[number];
  retries: (typeof RETRIES)[number];
  mode: (typeof MODES)[number];
}

/** The result of a cell. */
export interface CellResult extends NodeResult {
  /** How many requests the model with the fault got. */
  sent: number;
  /** How many requests other models got. */
  sentToOthers: number;
  /** Milliseconds of every pause that was made. */
  pauses: number[];
}

/** Position of the item that meets the fault, and how many items there are. */
export const [HIT, ITEMS] = [1, 3];

/** The JSON of an item. Its text has a character that charsets write in ways of their own. */
export function itemAt(n: number) {
  return { n, model: n === HIT ? FAULTY : MODEL_IDS.echo, text: 'café' };
}

const ON_ERROR: Record<Cell['mode'], INode['onError']> = {
  stop: 'stopWorkflow',
  continue: 'continueRegularOutput',
  'error output': 'continueErrorOutput',
};

/** All cells of a row. */
export function cells(): Cell[] {
  return PATHS.flatMap((path) =>
    RETRIES.flatMap((retries) => MODES.map((mode) => ({ path, retries, mode }))),
  );
}

/**
 * Runs three items, one after the other, in n8n's engine. The second one meets the fault.
 * @param time the clock of the nodes
 */
export async function runCell(
  { path, retries, mode }: Cell,
  { credential = {} }: Fault,
  emulator: Emulator,
  time: ReturnType<typeof fakeTime>,
): Promise<CellResult> {
  const items: INodeExecutionData[] = Array.from({ length: ITEMS }, (_, n) => ({
    json: itemAt(n),
  }));
  const result = await runBaseten({
    credential: credentialFor(emulator, {
      connection: path === 'n8n' ? 'n8n' : 'auto',
      ...credential,
    }),
    parameters: echo({
      modelId: byId('={{ $json.model }}'),
      inputMode: 'item',
      options: { maxConcurrency: 1, maxRetries: retries },
    }),
    items,
    onError: ON_ERROR[mode],
  });
  const sentTo = (host: string) =>
    emulator.requests.filter(({ path: at }) => at.startsWith(`/${host}`)).length;
  const sent = sentTo(`model-${FAULTY}/`);
  return { ...result, sent, sentToOthers: sentTo('model-') - sent, pauses: time.waits };
}
