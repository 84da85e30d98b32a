import { setup } from '../shared/machine';
import type { Part } from '../shared/part';
import { measure } from './measure';
import { deliveriesSection } from './section';
import { Sender } from './sending';
import { SETTINGS } from './settings';
import type { DeliveryResults } from './types';

/** How bursts of async results are received, by the Baseten Trigger and by n8n's own Webhook node, on a real n8n. */
export const deliveries: Part<DeliveryResults> = {
  name: 'deliveries',
  section: deliveriesSection,
  async measure(plan) {
    const results: DeliveryResults = {
      ...setup(),
      n8n: plan.host.version,
      settings: SETTINGS,
      rounds: [],
      skipped: [],
    };
    const sender = new Sender();
    try {
      for (const setting of SETTINGS) {
        plan.say(`Deliveries, ${setting.name} …`);
        await measure(setting, sender, plan, {
          onRound: (round) => results.rounds.push(round),
          onSkip: (what) => results.skipped.push(what),
        });
      }
    } finally {
      await sender.close();
    }
    return results;
  },
};
