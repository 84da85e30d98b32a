import type { INode, INodeExecutionData } from 'n8n-workflow';

import { MODEL_IDS, type Emulator } from '../../emulator';
import { byId, credentialFor, echo } from '../support/parameters';
import { runBaseten, type NodeResult } from '../../host/n8n/engine';
import type { fakeTime } from '../support/clock';
import type { Fault } from './rows';

export const PATHS = ['fetch', 'n8n'] as const;
export const RETRIES = [0, 2] as const;
export const MODES = ['stop', 'continue', 'error output'] as const;

/** One cell of the matrix: a way to send, how often to repeat, and what the workflow does with a failed item. */
export interface Cell {
  path: (typeof PATHS)[number];
  retries: (typeof RETRIES)[number];
  mode: (typeof MODES)[number];
}

/** What came of a cell. */
export interface CellResult extends NodeResult {
  /** How often the model with the fault was asked, and the others. */
  sent: number;
  sentToOthers: number;
  /** Milliseconds of every pause that was made. */
  pauses: number[];
}

/** Which item meets the fault, of how many. */
export const [HIT, ITEMS] = [1, 3];
/** The model that has the fault; the other items call another one. */
export const FAULTY = 'faulty01';

const ON_ERROR: Record<Cell['mode'], INode['onError']> = {
  stop: 'stopWorkflow',
  continue: 'continueRegularOutput',
  'error output': 'continueErrorOutput',
};

/** Every cell of a row. */
export function cells(): Cell[] {
  return PATHS.flatMap((path) =>
    RETRIES.flatMap((retries) => MODES.map((mode) => ({ path, retries, mode }))),
  );
}

/** Runs three items one after the other in n8n's engine; the second one meets the fault. */
export async function runCell(
  { path, retries, mode }: Cell,
  { credential = {} }: Fault,
  emulator: Emulator,
  time: ReturnType<typeof fakeTime>,
): Promise<CellResult> {
  const items: INodeExecutionData[] = Array.from({ length: ITEMS }, (_, n) => ({
    json: { n, model: n === HIT ? FAULTY : MODEL_IDS.echo },
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
  const isFaulty = ({ path: at }: { path: string }) => at.startsWith(`/model-${FAULTY}/`);
  const sent = emulator.requests.filter(isFaulty).length;
  return { ...result, sent, sentToOthers: emulator.requests.length - sent, pauses: time.waits };
}
