import { CHAIN_IDS, MODEL_IDS } from '../workspace/ids';
import type { Settings } from '../options';
import type { OwnerDefinition } from '../workspace/registry';
import { summariseAndScore } from './chains';
import { echo } from './echo';
import { echoServer } from './echoServer';
import { flaky } from './flaky';
import { image } from './image';
import { embedder, llm } from './llm';
import { MEDIA_OWNERS } from './mediaOwners';
import { METADATA } from './metadata';
import { type Handler, json } from './model';
import { classify, rerankerServer } from './reranker';
import { sentiment } from './sentiment';
import { transcriber } from './transcriber';

/** Says that it is awake: its first caller has waited for a replica. */
const sleeper: Handler = (call) =>
  json({ awake: true, at: new Date(call.clock.now()).toISOString() });

/** The models and chains that every emulator starts with. */
export function builtinOwners({ tokenMs, transcribeMs, limits }: Settings): OwnerDefinition[] {
  const { batchSize } = limits;
  const models: OwnerDefinition[] = [
    { id: MODEL_IDS.sentiment, name: 'Simulated sentiment classifier', handler: sentiment },
    { id: MODEL_IDS.image, name: 'Simulated image generator', handler: image },
    {
      id: MODEL_IDS.transcriber,
      name: 'Simulated transcriber (slow)',
      handler: transcriber(transcribeMs),
    },
    { id: MODEL_IDS.echo, name: 'Simulated echo', handler: echo, server: echoServer },
    { id: MODEL_IDS.flaky, name: 'Simulated flaky model', handler: flaky() },
    { id: MODEL_IDS.llm, name: 'Simulated language model', ...llm(tokenMs) },
    { id: MODEL_IDS.embedder, name: 'Simulated embeddings engine', ...embedder(batchSize) },
    {
      id: MODEL_IDS.reranker,
      name: 'Simulated reranker and classifier',
      handler: classify(batchSize),
      server: rerankerServer(batchSize),
    },
    {
      id: MODEL_IDS.sleeper,
      name: 'Simulated model, scaled to zero',
      handler: sleeper,
      capacity: { minReplica: 0 },
      startsAsleep: true,
    },
  ];
  return [
    ...models.map((model) => ({ ...model, metadata: METADATA[model.id] })),
    ...MEDIA_OWNERS,
    {
      kind: 'chain',
      id: CHAIN_IDS.summariseAndScore,
      name: 'Simulated summarise-and-score',
      handler: summariseAndScore,
    },
    { kind: 'chain', id: CHAIN_IDS.echo, name: 'Simulated echo chain', handler: echo },
  ];
}
