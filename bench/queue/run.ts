import { setup } from '../shared/machine';
import type { Part } from '../shared/part';
import { measureBursts } from './bursts';
import { measureScaling } from './scaling';
import { queueSection } from './section';
import type { QueueResults } from './types';

/** n8n in queue mode with more and more workers, and bursts of small and large results on one process and on several. */
export const queue: Part<QueueResults> = {
  name: 'queue',
  section: queueSection,
  async measure(plan) {
    const scaling = await measureScaling(plan);
    return { ...setup(), n8n: plan.host.version, ...scaling, bursts: await measureBursts(plan) };
  },
};
