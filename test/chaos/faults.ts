import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ForkedTask } from '../../host/forkedTask';
import { eventually } from '../support/eventually';
import type { Flood, Flooded } from './flood';
import { Random } from './random';
import type { Results } from './results';
import type { Rig } from './rig';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const TEN_MINUTES = 10 * MINUTE;

/** What goes wrong, one after the other. */
export const KINDS = ['restart', 'kill', 'sealed vault', 'clock ahead', 'clock behind'] as const;

/** What went wrong, and when. */
export interface Fault {
  kind: (typeof KINDS)[number] | 'flood' | 'rotation';
  from: number;
  to: number;
  /** When n8n had ended, if it was made to end. */
  endedAt?: number;
}

/** What the faults act on. */
export interface Victim {
  rig: Rig;
  results: Results;
  seed: number;
  /** Forged requests in a second, while there is a flood. */
  floodRate: number;
  /** The path of the trigger that everything is delivered to. */
  trigger: string;
  /** The path of a trigger with the default tolerance. */
  strict: string;
  /** The file that `sabotage.js` reads. */
  sabotageFile: string;
}

/** Makes things go wrong, in an order and with pauses that the seed decides. */
export class Faults {
  /** What went wrong so far. */
  readonly all: Fault[] = [];
  /** What came of each flood. */
  readonly floods: Flooded[] = [];
  private saving = Promise.resolve();
  // One for each, so that their order doesn't depend on one another's time.
  private readonly faultRandom: Random;
  private readonly floodRandom: Random;
  private readonly rotationRandom: Random;

  constructor(private readonly victim: Victim) {
    this.faultRandom = new Random(victim.seed + 1);
    this.floodRandom = new Random(victim.seed + 2);
    this.rotationRandom = new Random(victim.seed + 3);
  }

  /** Makes one thing after the other go wrong, beside floods and rotations of the secret. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.oneByOne(signal), this.flooding(signal), this.rotating(signal)]);
  }

  private async oneByOne(signal: AbortSignal): Promise<void> {
    const random = this.faultRandom;
    while (!signal.aborted) {
      for (const kind of random.shuffled(KINDS)) {
        await pauseUnless(signal, random.between(3, 12));
        if (signal.aborted) return;
        await this.note(kind, async (fault) => await this.cause(fault));
      }
    }
  }

  private async flooding(signal: AbortSignal): Promise<void> {
    const { rig, trigger, floodRate: perSecond } = this.victim;
    const random = this.floodRandom;
    const url = `${rig.url}/webhook/${trigger}/webhook`;
    const flooder = new ForkedTask<Flood, Flooded>(join(__dirname, 'flood.ts'), 'flood');
    try {
      while (!signal.aborted) {
        await pauseUnless(signal, random.between(10, 50));
        if (signal.aborted) return;
        const milliseconds = random.between(15, 30) * SECOND;
        const job = { url, perSecond, milliseconds, seed: Math.floor(random.between(0, 1e9)) };
        await this.note('flood', async () => {
          this.floods.push((await flooder.run(job)).result);
        });
      }
    } finally {
      await flooder.close();
    }
  }

  private async rotating(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pauseUnless(signal, this.rotationRandom.between(20, 60));
      if (signal.aborted) return;
      await this.note('rotation', async () => await this.rotate());
    }
  }

  private async cause(fault: Fault): Promise<void> {
    const { rig } = this.victim;
    switch (fault.kind) {
      case 'restart':
      case 'kill':
        return await rig.restart(
          fault.kind === 'kill' ? 'SIGKILL' : 'SIGTERM',
          this.faultRandom,
          () => (fault.endedAt = Date.now()),
        );
      case 'sealed vault':
        await this.sabotage({ isSealed: true });
        await pause(this.faultRandom.between(10, 30) * SECOND);
        return await this.sabotage({});
      case 'clock ahead':
        return await this.moveClock(TEN_MINUTES);
      case 'clock behind':
        return await this.moveClock(-TEN_MINUTES);
    }
  }

  /** Moves n8n's clock for a while. The strict trigger gets results then, which it can't take. */
  private async moveClock(milliseconds: number): Promise<void> {
    const { results, strict } = this.victim;
    await this.sabotage({ clockOff: milliseconds });
    await results.submitAll(strict, 10, this.faultRandom.between(10, 20) * SECOND);
    await this.sabotage({});
  }

  private async sabotage({ clockOff = 0, isSealed = false }): Promise<void> {
    await writeFile(this.victim.sabotageFile, JSON.stringify({ clockOff, isSealed }));
  }

  /**
   * Makes a new secret at the simulated Baseten, which signs with the old one, too. Then it is
   * entered in n8n, first besides the old one and later in its place.
   */
  private async rotate(): Promise<void> {
    const { rig, results } = this.victim;
    const random = this.rotationRandom;
    const secret = rig.emulator.rotateWebhookSecret();
    await pause(random.between(5, 15) * SECOND);
    results.secrets = [secret, ...results.secrets];
    await this.saveCredential();
    // Until the results are there whose metadata the old one signed.
    await pause(random.between(30, 40) * SECOND);
    results.secrets = [secret];
    await this.saveCredential();
  }

  /** Saves it as it should be now. One saving follows the other, so that the last one counts. */
  private async saveCredential(): Promise<void> {
    this.saving = this.saving.then(async () => await this.saveNow());
    await this.saving;
  }

  private async saveNow(): Promise<void> {
    const { rig, results } = this.victim;
    const { credential } = rig;
    // n8n may be down or starting, or unable to decrypt what it has.
    await eventually(
      'n8n takes the credential',
      async () => {
        const data = { ...credential.data, webhookSecret: results.secrets.join(',') };
        const changed = { ...credential, data };
        await rig.api.call('PATCH', `/rest/credentials/${credential.id}`, changed);
        return true;
      },
      3 * MINUTE,
    );
  }

  private async note(kind: Fault['kind'], work: (fault: Fault) => Promise<void>): Promise<void> {
    const fault: Fault = { kind, from: Date.now(), to: Infinity };
    this.all.push(fault);
    await work(fault);
    fault.to = Date.now();
  }
}

async function pauseUnless(signal: AbortSignal, seconds: number): Promise<void> {
  await pause(seconds * SECOND, undefined, { signal }).catch(() => undefined);
}
