import { randomBytes } from 'node:crypto';
import { startN8n } from '../../host/n8n/n8n';
import type { Plan } from '../shared/part';
import { Executions } from './executions';
import { publishTargets, type Target } from './receivers';
import type { Sender } from './sending';
import type { Round, Sent, Setting } from './types';

/** As long as Baseten waits for an answer. */
const TIMEOUT_MS = 10_000;
/** Bursts before anything is measured: n8n runs for days, so what V8 has yet to compile is not what is asked. */
const WARM_UP = [10, 100, 300, 300];

export interface Reports {
  onRound(round: Round): void;
  onSkip(what: string): void;
}

/**
 * Measures one setting of n8n on an instance of its own: bursts to the two nodes take turns, so that what
 * changes on the machine meanwhile meets both.
 */
export async function measure(
  setting: Setting,
  sender: Sender,
  plan: Plan,
  { onRound, onSkip }: Reports,
): Promise<void> {
  const n8n = await startN8n({ host: plan.host, env: setting.env, signal: plan.signal });
  try {
    const secret = `whsec_${randomBytes(24).toString('base64url')}`;
    const targets = await publishTargets(n8n.api, n8n.url, secret);
    const lanes = targets.map((target) => ({
      target,
      executions: new Executions(n8n.api, target),
    }));
    const burst = async (
      { target, executions }: (typeof lanes)[0],
      size: number,
    ): Promise<Round> => {
      plan.signal.throwIfAborted();
      const run = randomBytes(6).toString('hex');
      const requestIds = Array.from({ length: size }, (_, index) => `${run}-${index}`);
      const sent = await sender.send({
        url: target.url,
        secret,
        requestIds,
        timeoutMs: TIMEOUT_MS,
      });
      return toRound(setting, target, requestIds, sent, await executions.drain(requestIds));
    };
    for (const size of WARM_UP) {
      for (const lane of lanes) await burst(lane, size);
    }
    for (let round = 0; round < plan.rounds; round++) {
      for (const size of setting.sizes) {
        // The one that came second comes first the next time.
        for (const lane of round % 2 ? [...lanes].reverse() : lanes) {
          if (plan.hasTime()) onRound(await burst(lane, size));
          else
            onSkip(`${setting.name}, ${lane.target.receiver}, ${size} at once, round ${round + 1}`);
        }
      }
    }
  } finally {
    await n8n.stop();
  }
}

function toRound(
  setting: Setting,
  { receiver }: Target,
  requestIds: string[],
  sent: Sent[],
  { requestIds: arrived, executions }: { requestIds: string[]; executions: number },
): Round {
  const inTime = sent.filter(({ status }) => status === 200);
  const lastMs = Math.max(0, ...inTime.map(({ ms }) => ms));
  const there = new Set(arrived);
  return {
    setting: setting.name,
    receiver,
    size: requestIds.length,
    answered: inTime.length,
    perSecond: lastMs > 0 ? (inTime.length / lastMs) * 1000 : 0,
    slowestMs: Math.max(...sent.map(({ ms }) => ms)),
    executions,
    lost: requestIds.filter((id) => !there.has(id)).length,
    twice: arrived.length - there.size,
  };
}
