import type { Clock } from '../clock';
import { badRequest } from '../http/refusal';
import { Deployment } from '../workspace/deployment';
import { deploymentOf, type Owner } from '../workspace/registry';
import { Schedules } from './schedules';

/** How far a promotion is, by Baseten's names. */
export type PromotionStatus =
  'RELEASING' | 'RAMPING_UP' | 'RAMPING_DOWN' | 'PAUSED' | 'SUCCEEDED' | 'FAILED' | 'CANCELED';

/** A promotion that is under way. */
export interface Promotion {
  candidate: Deployment;
  status: PromotionStatus;
  /** Percent of the traffic that the candidate gets. */
  percent: number;
  error: string | null;
  /** Where it goes on after a pause. */
  resumed?: () => void;
}

/** What is kept of an environment, besides the deployment in it. */
export interface EnvironmentState {
  /** Whether a promotion makes a new deployment of the one that is promoted. */
  redeploys: boolean;
  promotion?: Promotion;
  /** What the next promotion ends with, if it is not to succeed. */
  nextFailure?: string;
  /** When its autoscaling changes by itself. */
  schedules: Schedules;
}

const RAMP = [0, 40, 100];

/** What can be done with a promotion that is under way, by the parts of the paths. */
export const PROMOTION_SIGNALS = [
  'cancel_promotion',
  'pause_promotion',
  'resume_promotion',
  'force_cancel_promotion',
  'force_roll_forward_promotion',
] as const;

/** One of `PROMOTION_SIGNALS`. */
export type PromotionSignal = (typeof PROMOTION_SIGNALS)[number];

/** The environments of all models and chains, and the promotions to them. */
export class Environments {
  private readonly states = new Map<string, EnvironmentState>();
  private made = 0;

  /** @param stepMs how long each step of a promotion takes; with 0 it is over at once */
  constructor(
    private readonly clock: Clock,
    private readonly stopped: AbortSignal,
    private readonly stepMs: number,
  ) {}

  /** Milliseconds since the epoch, by the clock of the promotions. */
  now(): number {
    return this.clock.now();
  }

  /** What is kept of an environment. */
  of(owner: Owner, name: string): EnvironmentState {
    const key = `${owner.kind}-${owner.id}/${name}`;
    const state = this.states.get(key) ?? { redeploys: false, schedules: new Schedules() };
    this.states.set(key, state);
    return state;
  }

  /**
   * Begins to promote a deployment to an environment.
   * @returns the candidate
   * @throws {Refusal} 400 if a promotion is under way
   */
  promote(owner: Owner, name: string, deploymentId: string, scaleDown: boolean): Deployment {
    const state = this.of(owner, name);
    const previous = deploymentOf(owner, { environment: name });
    const given = deploymentOf(owner, { deploymentId });
    if (state.promotion) throw badRequest(`A promotion to ${name} is in progress.`);
    const candidate = state.redeploys ? this.redeploy(owner, given) : given;
    const promotion: Promotion = { candidate, status: 'RELEASING', percent: 0, error: null };
    state.promotion = promotion;
    void this.ramp(state, promotion).then((succeeded) => {
      state.promotion = undefined;
      if (!succeeded) return;
      previous.options.environment = null;
      candidate.options.environment = name;
      if (scaleDown && previous !== candidate) previous.scaleToZero();
    });
    return candidate;
  }

  /**
   * Cancels, pauses, resumes or forces a promotion.
   * @returns the status of one that was canceled
   * @throws {Refusal} 400 if no promotion is under way
   */
  signal(owner: Owner, name: string, signal: PromotionSignal): PromotionStatus {
    const { promotion } = this.of(owner, name);
    if (!promotion) throw badRequest(`No promotion to ${name} is in progress.`);
    if (signal === 'pause_promotion') promotion.status = 'PAUSED';
    else if (signal === 'resume_promotion') promotion.status = 'RAMPING_UP';
    else if (signal === 'force_roll_forward_promotion') promotion.status = 'SUCCEEDED';
    else promotion.status = 'CANCELED';
    if (signal !== 'pause_promotion') promotion.resumed?.();
    return promotion.status;
  }

  private redeploy(owner: Owner, given: Deployment): Deployment {
    this.made += 1;
    const id = `${owner.id.slice(0, 5)}n${this.made}`;
    const made = new Deployment(
      {
        ...given.options,
        id,
        environment: null,
        isDevelopment: false,
        name: `${given.options.name}-${this.made}`,
      },
      this.clock,
      this.stopped,
    );
    owner.deployments.push(made);
    return made;
  }

  private async step(): Promise<void> {
    if (this.stepMs > 0) await this.clock.sleep(this.stepMs, this.stopped);
  }

  /** @returns whether the candidate serves in the end */
  private async ramp(state: EnvironmentState, promotion: Promotion): Promise<boolean> {
    try {
      for (const percent of RAMP) {
        await this.step();
        if (promotion.status === 'PAUSED') {
          await new Promise<void>((resolve) => {
            promotion.resumed = resolve;
            this.stopped.addEventListener('abort', () => resolve(), { once: true });
          });
        }
        if (promotion.status === 'CANCELED') return false;
        if (promotion.status === 'SUCCEEDED') return true;
        promotion.status = 'RAMPING_UP';
        promotion.percent = percent;
      }
      if (state.nextFailure !== undefined) {
        promotion.status = 'FAILED';
        promotion.error = state.nextFailure;
        state.nextFailure = undefined;
        await this.step();
        return false;
      }
      return true;
    } catch {
      // The emulator was closed.
      return false;
    }
  }
}
