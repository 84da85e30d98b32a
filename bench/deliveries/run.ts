import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startN8n } from '../../host/n8n/n8n';
import { type Benchmark, type Plan, setup } from '../shared/benchmark';
import { type Burst, burstFigures, type Sent } from '../shared/burst';
import { ForkedTask } from '../../host/forkedTask';
import { Executions } from './executions';
import { publishTargets, type Target } from './receivers';
import {
  type DeliveryResults,
  type DeliveryRound,
  deliveriesSection,
  type Setting,
} from './section';

const SIZES = [10, 50, 300];

/** The default engine makes an isolate for each request, unless it waits until one is needed. */
const SETTINGS: Setting[] = [
  { name: 'legacy engine', env: { N8N_EXPRESSION_ENGINE: 'legacy' }, sizes: SIZES },
  { name: 'default engine', env: {}, sizes: SIZES },
  {
    name: 'default engine, isolates on demand',
    env: { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' },
    sizes: [50, 300],
  },
  {
    name: 'default engine, pool of 8',
    env: { N8N_EXPRESSION_ENGINE_POOL_SIZE: '8' },
    sizes: [300],
  },
];

/**
 * Bursts before anything is measured. n8n runs for days, so the time that V8 needs to compile is of
 * no interest.
 */
const WARM_UP = [10, 100, 300, 300];

/** What the model returned, the same in each result. */
const DATA = { label: 'positive', score: 0.98, text: 'x'.repeat(500) };

/**
 * Sends bursts from a process of its own, so that measuring and sending don't wait for each other.
 */
type Sender = ForkedTask<Burst, Sent[]>;

/** A receiver, with a reader of what it has received. */
interface Lane {
  target: Target;
  executions: Executions;
}

/** How bursts of async results are received by the Baseten Trigger and by n8n's Webhook node. */
export const deliveries: Benchmark<DeliveryResults> = {
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
    const sender: Sender = new ForkedTask(join(__dirname, '../shared/burst.ts'), 'sendBurst');
    try {
      for (const setting of SETTINGS) {
        plan.say(`Deliveries, ${setting.name} …`);
        await measureSetting(setting, sender, plan, results);
      }
    } finally {
      await sender.close();
    }
    return results;
  },
};

/**
 * Measures one setting on an n8n of its own. Bursts to the two nodes take turns, so that a change
 * on the machine meets both.
 */
async function measureSetting(
  setting: Setting,
  sender: Sender,
  plan: Plan,
  { rounds, skipped }: Pick<DeliveryResults, 'rounds' | 'skipped'>,
): Promise<void> {
  const n8n = await startN8n({ host: plan.host, env: setting.env, signal: plan.signal });
  try {
    const secret = `whsec_${randomBytes(24).toString('base64url')}`;
    const targets = await publishTargets(n8n.api, n8n.url, secret);
    const lanes = targets.map((target) => ({
      target,
      executions: new Executions(n8n.api, target),
    }));
    const burst = async ({ target, executions }: Lane, size: number): Promise<DeliveryRound> => {
      plan.signal.throwIfAborted();
      const run = randomBytes(6).toString('hex');
      const requestIds = Array.from({ length: size }, (_, index) => `${run}-${index}`);
      const { url, receiver } = target;
      const { result: sent } = await sender.run({ url, secret, requestIds, data: DATA });
      const arrived = await executions.drain(requestIds);
      const there = new Set(arrived.requestIds);
      return {
        setting: setting.name,
        receiver,
        size,
        ...burstFigures(sent),
        executions: arrived.executions,
        lost: requestIds.filter((id) => !there.has(id)).length,
        twice: arrived.requestIds.length - there.size,
      };
    };
    for (const size of WARM_UP) {
      for (const lane of lanes) await burst(lane, size);
    }
    for (let round = 0; round < plan.rounds; round++) {
      for (const size of setting.sizes) {
        // The one that came second comes first the next time.
        for (const lane of round % 2 ? [...lanes].reverse() : lanes) {
          if (plan.hasTime()) rounds.push(await burst(lane, size));
          else
            skipped.push(
              `${setting.name}, ${lane.target.receiver}, ${size} at once, round ${round + 1}`,
            );
        }
      }
    }
  } finally {
    await n8n.stop();
  }
}
