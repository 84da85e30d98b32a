import { json } from '../../emulator';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId, echo } from '../support/parameters';
import { runBaseten } from '../../host/n8n/engine';
import { cells } from './cell';

const emulator = useEmulator();
const ON_ERROR = {
  stop: 'stopWorkflow',
  continue: 'continueRegularOutput',
  'error output': 'continueErrorOutput',
} as const;
const items = Array.from({ length: 8 }, (_, n) => ({ json: { n } }));

test.each(cells())(
  'an execution that is stopped is canceled, not failed: $path, $retries retries, on error: $mode',
  async (cell) => {
    let reached: () => void = () => {};
    const inFlight = new Promise<void>((resolve) => (reached = resolve));
    const handler = async ({ signal }: { signal: AbortSignal }) => {
      const gone = new Promise((resolve) => signal.addEventListener('abort', resolve));
      if (emulator().inFlight === 2) reached();
      await gone;
      return json({});
    };
    emulator().addModel({ id: 'endless1', name: 'Endless', handler });
    const {
      run,
      error,
      items: given,
    } = await runBaseten({
      credential: credentialFor(emulator(), { connection: cell.path === 'n8n' ? 'n8n' : 'auto' }),
      parameters: echo({
        modelId: byId('endless1'),
        options: { maxConcurrency: 2, maxRetries: cell.retries },
      }),
      items,
      onError: ON_ERROR[cell.mode],
      onStarted: (cancel) => void inFlight.then(cancel),
    });
    while (emulator().inFlight > 0) await new Promise(setImmediate);
    expect(run.status).toBe('canceled');
    expect(error?.message).toBe('The execution was canceled');
    expect(given.filter(({ json: { error: failed } }) => failed !== undefined)).toHaveLength(0);
    expect(emulator().requests).toHaveLength(2);
  },
);
