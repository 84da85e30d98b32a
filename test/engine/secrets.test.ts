import { inspect } from 'node:util';

import type {
  IExecuteFunctions,
  ILoadOptionsFunctions,
  INodeParameters,
  INodeType,
} from 'n8n-workflow';

import { MODEL_API_SLUGS, MODEL_IDS, type Fault } from '../../emulator';
import { runBaseten } from '../../host/n8n/engine';
import { Baseten } from '../../nodes/Baseten/Baseten.node';
import { Baseten as KeeperOfBaseten } from '../../nodes/BasetenWait/baseten';
import { BasetenWait } from '../../nodes/BasetenWait/BasetenWait.node';
import { newKeeper } from '../../nodes/BasetenWait/keeper';
import { settledBy } from '../../nodes/BasetenWait/outcomes';
import { EmbeddingsBaseten } from '../../nodes/EmbeddingsBaseten/EmbeddingsBaseten.node';
import type { Embeddings } from '../../nodes/EmbeddingsBaseten/embeddings';
import type { Reranker } from '../../nodes/RerankerBaseten/reranker';
import { RerankerBaseten } from '../../nodes/RerankerBaseten/RerankerBaseten.node';
import { toErrorJson } from '../../nodes/shared/errors/errorJson';
import { toNodeError } from '../../nodes/shared/errors/nodeErrors';
import type { WaitJob } from '../../nodes/shared/waiting/job';
import { ASKED, chunksOf, givenModel } from '../support/chatModel';
import { credentialFor, useEmulator } from '../support/emulator';
import { OPERATIONS, REQUEST_PARAMETERS } from '../support/operations';
import { subNodeContext } from '../support/subNodeContext';

const emulator = useEmulator();
const KEYS = { apiKey: '', managementApiKey: 'management-key-0987654321' };

/** The key that sends a request is in the emulator's words, as careless servers put it there. */
const echo = () => [emulator().apiKey, KEYS.managementApiKey].map((key) => `Bearer ${key}`).join();
const FAULTS: Array<[string, () => Omit<Fault, 'kind'>]> = [
  ['400', () => ({ status: 400, body: { error: `You sent Authorization: ${echo()}` } })],
  ['500', () => ({ status: 500, body: { message: echo(), headers: { authorization: echo() } } })],
  ['403 as text', () => ({ status: 403, body: `no rights: ${echo()}` })],
  ['a redirect', () => ({ status: 302, headers: { location: `https://x.example/?k=${echo()}` } })],
  ['200 that is no JSON', () => ({ status: 200, body: `{"error": "${echo()}` })],
];

/** Everything in a value that a person could come to see. */
const shown = (value: unknown) =>
  inspect(value, {
    depth: Infinity,
    maxArrayLength: Infinity,
    maxStringLength: Infinity,
    showHidden: true,
  });

function expectNoKey(value: unknown): void {
  expect(emulator().requests.length).toBeGreaterThan(0);
  const text = shown(value);
  for (const key of [emulator().apiKey, KEYS.managementApiKey]) expect(text).not.toContain(key);
}

function fail(fault: Omit<Fault, 'kind'>): void {
  emulator().faults.add({ kind: 'status', times: 'always', ...fault });
}

const credential = () => credentialFor(emulator(), { managementApiKey: KEYS.managementApiKey });

test('there are operations of all kinds', () => {
  expect(OPERATIONS.length).toBeGreaterThan(20);
});

describe.each(FAULTS)('if a server repeats the key in %s', (_name, faultOf) => {
  test.each(OPERATIONS)('%s: %s shows it nowhere', async (resource, operation) => {
    for (const onError of [undefined, 'continueRegularOutput'] as const) {
      emulator().faults.clear();
      fail(faultOf());
      const parameters = { ...REQUEST_PARAMETERS, resource, operation };
      const { run, error, items } = await runBaseten({
        credential: credential(),
        parameters: parameters as INodeParameters,
        onError,
      });
      // An operation that takes any text for an answer gives it as it came.
      const hasFailed = error !== undefined || items.some(({ json }) => json.error !== undefined);
      if (!hasFailed && faultOf().status === 200) continue;
      expect(hasFailed).toBe(true);
      expectNoKey([run.data.resultData, error, error?.stack]);
    }
  });

  test.each(Object.entries(new Baseten().methods.listSearch))(
    'the list %s shows it nowhere',
    async (_list, search) => {
      fail(faultOf());
      const values: Record<string, unknown> = { modelId: MODEL_IDS.echo, target: 'production' };
      const context = {
        getNode: () => ({ name: 'Baseten', parameters: values }),
        getCredentials: async () => credential(),
        getCurrentNodeParameter: (name: string) => values[name],
        getCurrentNodeParameters: () => values,
        getNodeParameter: (name: string, fallback: unknown) => values[name] ?? fallback,
        helpers: {},
      } as unknown as ILoadOptionsFunctions;
      expectNoKey(await search.call(context).catch((error: unknown) => error));
    },
  );

  test('the chat model shows it nowhere', async () => {
    fail(faultOf());
    const parameters = {
      source: 'modelApi',
      model: MODEL_API_SLUGS.chat,
      options: { maxRetries: 0 },
    };
    const model = await givenModel({ parameters, credential: credential() });
    for (const ask of [() => model.generate(ASKED), () => chunksOf(model)]) {
      const error: unknown = await ask().catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(Error);
      expectNoKey(error);
    }
  });

  test('embeddings show it nowhere', async () => {
    fail(faultOf());
    const parameters = {
      source: 'modelApi',
      model: MODEL_API_SLUGS.embedder,
      options: { maxRetries: 0 },
    };
    const { context, log } = subNodeContext({ parameters, credential: credential() });
    const { response } = await new EmbeddingsBaseten().supplyData.call(context, 0);
    const { embedDocuments, embedQuery } = response as Embeddings;
    for (const ask of [() => embedDocuments(['a', 'b']), () => embedQuery('a')]) {
      const error: unknown = await ask().catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(Error);
      expectNoKey([error, log]);
    }
  });

  test('the reranker shows it nowhere', async () => {
    fail(faultOf());
    const parameters = { modelId: MODEL_IDS.reranker, options: { maxRetries: 0 } };
    const { context, log } = subNodeContext({ parameters, credential: credential() });
    const { response } = await new RerankerBaseten().supplyData.call(context, 0);
    const documents = [{ pageContent: 'a', metadata: {} }];
    const asking = (response as Reranker).compressDocuments(documents, 'q');
    const error: unknown = await asking.catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(Error);
    expectNoKey([error, log]);
  });

  test('the execution that waits shows it nowhere', async () => {
    fail(faultOf());
    const { run, error } = await runBaseten({
      credential: credential(),
      parameters: {},
      other: { type: new Keeper(), version: 1 },
    });
    expect(error).toBeDefined();
    expectNoKey([run.data.resultData, error]);
  });
});

const JOB: WaitJob = {
  run: 'a1',
  parentUrl: 'https://n8n.example.com/webhook-waiting/1/baseten',
  stops: true,
  items: [
    {
      owner: { kind: 'model', id: MODEL_IDS.echo },
      target: { type: 'production' },
      input: '{}',
      queueing: {},
      metadata: {},
      sendOptions: { timeout: 10, maxRetries: 0 },
      waitTimeout: 7200,
      onLostResult: 'fail',
    },
  ],
  shape: { files: { base64ToFiles: false, base64Fields: [] } },
  maxConcurrency: 0,
  requestsPerMinute: 0,
};

/** Does what the keeper of a wait does with Baseten, and ends with what it makes of a failure. */
class Keeper implements INodeType {
  description = new BasetenWait().description;

  async execute(this: IExecuteFunctions): Promise<never> {
    const baseten = new KeeperOfBaseten(this, JOB, 'a secret');
    const causes: unknown[] = [];
    const settled = (item: number, cause: unknown) => {
      causes.push(cause);
      return settledBy({ failure: toErrorJson(this.getNode(), cause, item) });
    };
    const { made } = await baseten.submit([0], settled);
    const keeper = newKeeper(true, [{ patience: 1000, resubmits: false }], 0);
    const seen = await baseten.look(keeper, [0]);
    this.addExecutionHints({ message: JSON.stringify({ made, seen }) });
    throw toNodeError(this.getNode(), causes[0], 0);
  }
}
