import { deliveries } from './deliveries/run';
import { embeddings } from './embeddings/run';
import { memory } from './memory/run';
import { predictions } from './predictions/run';
import { queue } from './queue/run';
import type { Part } from './shared/part';

/** Every part of the benchmark, in the order in which they are run and reported. */
// Each part reads its own results only.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const PARTS: Part<any>[] = [predictions, embeddings, deliveries, memory, queue];
